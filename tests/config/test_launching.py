"""A launcher must have started the process that names it."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from hrnet_mm.config.launching import (
    COMMANDS,
    OF_MPICH,
    VARIABLES,
    is_first,
    join_launcher,
)
from hrnet_mm.errors import UserError

EVERY = {*sum(VARIABLES.values(), ()), *OF_MPICH.values()}
MPICH = dict(PMI_RANK='5', PMI_SIZE='8', MPI_LOCALRANKID='1', MASTER_ADDR='host')
OPEN_MPI = {
    'OMPI_COMM_WORLD_RANK': '5',
    'OMPI_COMM_WORLD_SIZE': '8',
    'OMPI_COMM_WORLD_LOCAL_RANK': '1',
    'MASTER_ADDR': 'host',
}


@pytest.fixture(autouse=True)
def _started_by_nobody(monkeypatch):
    """Set what a test sets in an environment of its own."""
    own = {name: value for name, value in os.environ.items() if name not in EVERY}
    monkeypatch.setattr(os, 'environ', own)


@pytest.mark.parametrize('launcher', VARIABLES)
def test_all_missing_variables_and_the_command_are_named(launcher):
    for number, name in enumerate(VARIABLES[launcher]):
        with pytest.raises(UserError) as raised:
            join_launcher(launcher, None)
        said = str(raised.value)
        assert COMMANDS[launcher] in said
        for missing in VARIABLES[launcher][number:]:
            assert missing in said
        os.environ[name] = '3'
    join_launcher(launcher, None)


def test_the_names_of_both_mpi_are_given():
    with pytest.raises(UserError, match=r'OMPI_COMM_WORLD_SIZE \(or PMI_SIZE\), '):
        join_launcher('mpi', None)


def test_an_empty_variable_is_none():
    os.environ.update(OPEN_MPI, MASTER_ADDR='')
    with pytest.raises(UserError, match='does not have MASTER_ADDR: mpi has not'):
        join_launcher('mpi', None)


def test_one_process_needs_no_variables():
    join_launcher('none', None)
    assert 'LOCAL_RANK' not in os.environ


@pytest.mark.parametrize('launched', [OPEN_MPI, MPICH])
@pytest.mark.parametrize('before', [{}, dict(LOCAL_RANK='0')])
def test_mmengine_can_read_what_either_mpi_says(launched, before):
    os.environ.update(before, **launched)
    join_launcher('mpi', None)
    assert os.environ['LOCAL_RANK'] == '1'
    assert {name: os.environ[name] for name in OPEN_MPI} == OPEN_MPI


def test_old_launchers_pass_the_local_rank():
    for name in ('RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT'):
        os.environ[name] = '1'
    join_launcher('pytorch', 1)
    assert os.environ['LOCAL_RANK'] == '1'


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


def test_the_first_process_speaks(monkeypatch):
    for launcher, name in (
        ('pytorch', 'RANK'),
        ('slurm', 'SLURM_PROCID'),
        ('mpi', 'OMPI_COMM_WORLD_RANK'),
    ):
        monkeypatch.setenv(name, '1')
        assert not is_first(launcher)
        assert is_first('none')
        monkeypatch.setenv(name, '0')
        assert is_first(launcher)
