"""A launcher must have started the process that names it."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from hrnet_mm.config.launching import (
    COMMANDS,
    JOB_NAMES,
    MPICH,
    OPEN_MPI,
    RANKS,
    TORCHRUN,
    VARIABLES,
    join_launcher,
)
from hrnet_mm.errors import UserError

MASTER = ('MASTER_ADDR', 'MASTER_PORT')
FORMS = [form for forms in VARIABLES.values() for form in forms]
EVERY = {*sum(FORMS, ()), *RANKS, *MASTER, *JOB_NAMES, TORCHRUN}

TORCH = dict(zip((*RANKS, *MASTER), ['5', '8', '1', '4', '127.0.0.1', '29500']))
BY_OPEN_MPI = dict(zip(OPEN_MPI, '5814'), MASTER_ADDR='127.0.0.1')
BY_MPICH = dict(zip(MPICH, '5814'), MASTER_ADDR='127.0.0.1')
# As a real srun sets them.
BY_SLURM = {
    'SLURM_PROCID': '5',
    'SLURM_STEP_NUM_TASKS': '8',
    'SLURM_LOCALID': '1',
    'SLURM_NODEID': '1',
    'SLURM_STEP_TASKS_PER_NODE': '4(x2)',
    'SLURM_STEP_NODELIST': 'localhost,n[1-2]',
    'SLURM_JOB_ID': '12345',
    'SLURM_STEP_ID': '0',
}
STARTED = [
    ('pytorch', TORCH),
    ('slurm', BY_SLURM),
    ('mpi', BY_OPEN_MPI),
    ('mpi', BY_MPICH),
]
one_of_each = pytest.mark.parametrize(
    ('launcher', 'variables'), STARTED, ids=['torchrun', 'slurm', 'open_mpi', 'mpich']
)


@pytest.fixture(autouse=True)
def _started_by_nobody(monkeypatch):
    """Set what a test sets in an environment of its own."""
    own = {name: value for name, value in os.environ.items() if name not in EVERY}
    monkeypatch.setattr(os, 'environ', own)


def refused(launcher):
    with pytest.raises(UserError) as raised:
        join_launcher(launcher, None)
    return str(raised.value)


@one_of_each
def test_every_launcher_s_variables_become_torchrun_s(launcher, variables):
    os.environ.update(variables)
    join_launcher(launcher, None)
    assert [os.environ[name] for name in RANKS] == ['5', '8', '1', '4']
    assert os.environ['MASTER_ADDR'] == variables.get('MASTER_ADDR', 'localhost')
    assert 1024 < int(os.environ['MASTER_PORT']) < 32768


@one_of_each
def test_what_the_shell_had_counts_for_nothing_but_an_address_stays(
    launcher, variables
):
    before = dict(RANK='0', WORLD_SIZE='1', LOCAL_RANK='0', LOCAL_WORLD_SIZE='1')
    os.environ.update(before, MASTER_ADDR='127.0.0.9', MASTER_PORT='4321')
    os.environ.update({n: v for n, v in variables.items() if n not in MASTER})
    join_launcher(launcher, None)
    assert [os.environ[name] for name in RANKS] == ['5', '8', '1', '4']
    assert [os.environ[name] for name in MASTER] == ['127.0.0.9', '4321']


@pytest.mark.parametrize('launcher', VARIABLES)
def test_all_missing_variables_and_the_command_are_named(launcher):
    (form, *_) = VARIABLES[launcher]
    for number in range(len(form)):
        said = refused(launcher)
        assert COMMANDS[launcher] in said or 'srun hrnet train' in said
        for missing in form[number:]:
            assert missing in said
        os.environ[form[number]] = '3'


def test_the_names_of_both_mpi_are_given():
    assert 'LOCAL_SIZE or PMI_RANK, PMI_SIZE' in refused('mpi')
    os.environ['PMI_SIZE'] = '2'
    assert 'does not have PMI_RANK, MPI_LOCALRANKID, ' in refused('mpi')


def test_an_empty_variable_is_none():
    os.environ.update(TORCH, MASTER_ADDR='')
    assert 'does not have MASTER_ADDR: pytorch has not' in refused('pytorch')


def test_one_process_needs_no_variables():
    join_launcher('none', None)
    assert not {*RANKS, *MASTER} & {*os.environ}


def test_old_launchers_pass_the_local_rank():
    os.environ.update(TORCH)
    for name in ('LOCAL_RANK', 'LOCAL_WORLD_SIZE'):
        del os.environ[name]
    join_launcher('pytorch', 3)
    assert os.environ['LOCAL_RANK'] == '3'
    assert 'LOCAL_WORLD_SIZE' not in os.environ


@pytest.mark.parametrize(
    ('named', 'others', 'right'),
    [
        ('pytorch', [BY_SLURM], 'slurm'),
        ('pytorch', [BY_MPICH], 'mpi'),
        ('mpi', [BY_SLURM], 'slurm'),
        ('mpi', [TORCH], 'pytorch'),
        # mpirun starts its helpers by srun, and torchrun may be in a step of either:
        # the outer launcher has one number for all processes of a machine.
        ('slurm', [BY_SLURM, BY_OPEN_MPI], 'mpi'),
        ('slurm', [BY_SLURM, TORCH, {TORCHRUN: 'none'}], 'pytorch'),
        ('mpi', [BY_MPICH, TORCH, {TORCHRUN: 'none'}], 'pytorch'),
        # What Slurm's plugin for PMI-2 sets.
        ('mpi', [BY_SLURM, dict(PMI_RANK='5', PMI_SIZE='8')], 'slurm'),
    ],
)
def test_the_launcher_that_has_started_the_process_is_named(named, others, right):
    for variables in others:
        os.environ.update(variables)
    if right != 'pytorch':
        os.environ.pop('MASTER_ADDR', None)
    assert refused(named).endswith(f'{right} has: write  --launcher {right}')


IN_BATCH = dict(SLURM_JOB_ID='7', SLURM_PROCID='0', SLURM_LOCALID='0', SLURM_NTASKS='4')
IN_SALLOC = dict(BY_SLURM, SLURM_STEP_NUM_TASKS='1', SLURM_STEP_ID='4294967290')


@pytest.mark.parametrize('variables', [IN_BATCH, IN_SALLOC], ids=['sbatch', 'salloc'])
def test_a_job_s_script_or_shell_is_no_step(variables):
    os.environ.update(variables)
    said = refused('slurm')
    assert 'slurm has not started this process.\nThis shell or script is in job' in said
    assert said.endswith('\nsrun hrnet train CONFIG --launcher slurm')


@pytest.mark.parametrize(
    ('launcher', 'variables', 'name', 'values'),
    [
        ('pytorch', TORCH, 'WORLD_SIZE', ['0', '-1', 'x', '1.0', '٣', '9' * 5000, '5']),
        ('pytorch', TORCH, 'RANK', ['8', '-1', 'first', ' 1', '0x1']),
        ('pytorch', TORCH, 'LOCAL_RANK', ['4', '-1', 'x']),
        ('pytorch', TORCH, 'LOCAL_WORLD_SIZE', ['0', 'x', '1']),
        ('pytorch', TORCH, 'MASTER_PORT', ['0', '65536', '-1', 'tcp://1.2.3.4:80']),
        ('slurm', BY_SLURM, 'SLURM_STEP_NUM_TASKS', ['0', 'x', '5']),
        ('slurm', BY_SLURM, 'SLURM_PROCID', ['8', 'x']),
        ('slurm', BY_SLURM, 'SLURM_LOCALID', ['4', 'x']),
        ('slurm', BY_SLURM, 'SLURM_NODEID', ['x']),
        ('slurm', BY_SLURM, 'SLURM_STEP_TASKS_PER_NODE', ['x', '4', '4(x1)']),
        ('slurm', BY_SLURM, 'SLURM_JOB_ID', ['x']),
        ('slurm', BY_SLURM, 'SLURM_STEP_ID', ['x']),
        ('mpi', BY_OPEN_MPI, OPEN_MPI[1], ['0', 'x']),
        ('mpi', BY_OPEN_MPI, OPEN_MPI[0], ['8', 'x']),
        ('mpi', BY_MPICH, MPICH[2], ['4', 'x']),
        ('mpi', BY_MPICH, MPICH[3], ['0', 'x']),
    ],
)
def test_a_number_that_cannot_be_is_named(launcher, variables, name, values):
    for value in values:
        os.environ.update(variables, **{name: value})
        said = refused(launcher)
        assert name in said
        assert value in said
        assert len(said) < 6000


def test_the_message_says_what_was_expected():
    os.environ.update(TORCH, RANK='8')
    assert refused('pytorch') == (
        "the variable RANK is '8', expected a whole number from 0 to 7, as "
        'WORLD_SIZE=8. The launcher sets it: see whether something has changed it since'
    )


def test_a_port_that_cannot_be():
    os.environ.update(BY_SLURM, MASTER_PORT='http')
    assert refused('slurm') == (
        "the variable MASTER_PORT is 'http', expected a whole number from 1 to 65535. "
        'Set it to a free port of the machine of the first process'
    )


@pytest.mark.parametrize('host', ['nowhere.invalid', 'a..b', 'x' * 300, 'http://a'])
def test_an_address_that_nobody_finds(host):
    os.environ.update(TORCH, MASTER_ADDR=host)
    said = refused('pytorch')
    assert said.startswith(f"the variable MASTER_ADDR is '{host}', which this machine ")
    assert said.endswith('export MASTER_ADDR=HOST')


def test_a_node_of_slurm_that_nobody_finds():
    os.environ.update(BY_SLURM, SLURM_STEP_NODELIST='n[01-02].invalid')
    said = refused('slurm')
    assert "'n01.invalid' (the first of SLURM_STEP_NODELIST=n[01-02].invalid)" in said


@pytest.mark.parametrize('variables', [BY_OPEN_MPI, BY_MPICH])
def test_mpi_on_several_machines_needs_an_address(variables):
    os.environ.update(variables, MASTER_ADDR='')
    said = refused('mpi')
    assert '(4 of 8 processes are on this one)' in said
    assert 'mpirun -x MASTER_ADDR=HOST' in said
    assert 'mpiexec -genv MASTER_ADDR HOST' in said


def port(launcher, *variables):
    for name in EVERY:
        os.environ.pop(name, None)
    for some in variables:
        os.environ.update(some)
    join_launcher(launcher, None)
    return int(os.environ['MASTER_PORT'])


def test_jobs_and_steps_of_slurm_have_ports_of_their_own():
    ports = [
        port('slurm', BY_SLURM, dict(SLURM_JOB_ID=str(job), SLURM_STEP_ID=str(step)))
        for job in range(18_999, 19_030)
        for step in range(16)
    ]
    assert len({*ports}) == len(ports)
    assert min(ports) >= 10_000
    assert max(ports) < 29_000


@pytest.mark.parametrize('name', JOB_NAMES)
def test_jobs_of_mpi_have_ports_of_their_own(name):
    names = [f'prterun-host-{number}@1' for number in range(20)]
    ports = [port('mpi', BY_MPICH, {name: job}) for job in names]
    assert len({*ports}) == len(ports)


def test_mpich_on_several_machines_has_torchrun_s_port():
    assert port('mpi', BY_MPICH) == 29_500


SCRIPT = """
import os
from hrnet_mm.config.launching import join_launcher
join_launcher('mpi', None)
print(os.environ['MASTER_PORT'])
"""


def test_processes_of_mpich_agree_though_each_has_a_shell_of_its_own():
    here = dict(zip(MPICH, '0212'), PYTHONPATH=str(ROOT))
    python = [sys.executable, '-c', SCRIPT]
    shell = ['sh', '-c', '"$@"; true', 'sh']
    ports = [
        subprocess.check_output(command, env={**os.environ, **here}, text=True)
        for command in (python, [*shell, *python], [*shell, *shell, *python])
    ]
    assert len({*ports}) == 1


def test_a_mistake_is_one_message_without_imports():
    config = ROOT / 'configs/demo_topdown_hrnet.py'
    command = ['-X', 'importtime', '-m', 'hrnet_mm', 'train', str(config)]
    run = subprocess.run(
        [sys.executable, *command, '--launcher', 'pytorch'],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert (
        'error: --launcher pytorch, but the environment does not have RANK'
        in run.stderr
    )
    assert 'Traceback' not in run.stderr
    assert '| torch\n' not in run.stderr


def test_each_run_takes_a_port_of_its_own(tmp_path):
    """tools/torchrun.sh is asked what it would start."""
    python = tmp_path / 'python'
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    script = [str(ROOT / 'tools/torchrun.sh'), 'train.py', '2', 'config.py']

    def started(**variables):
        env = dict(os.environ, PYTHON=str(python), **variables)
        run = subprocess.run(script, env=env, capture_output=True, text=True)
        return run.stdout.split()

    # torch takes a free port itself, and binds it at once.
    assert '--standalone' in started()
    assert not any(word.startswith('--master_port') for word in started())
    assert '--master_port=12345' in started(PORT='12345')
    assert {'--nnodes=2', '--master_port=29500'} <= {*started(NNODES='2')}
