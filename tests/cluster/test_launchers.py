"""Real launchers start processes, which find together by `join_launcher` alone."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cluster_case import OPEN_MPI, free_ports, needs_cluster, run, slurm

pytestmark = [pytest.mark.cluster, needs_cluster]
__all__ = ['slurm']
JOIN = """
import os, sys
from hrnet_mm.config.launching import RANKS, join_launcher
from hrnet_mm.errors import UserError
launcher = sys.argv[1]
try:
    join_launcher(launcher, None)
except UserError as error:
    sys.exit(f'error: {error}')
words = [*(os.environ[name] for name in RANKS), os.environ['RANK'] == '0']
"""
SUM = """
import datetime, torch
from torch import distributed
distributed.init_process_group('gloo', timeout=datetime.timedelta(seconds=30))
total = torch.tensor([2 ** distributed.get_rank()])
distributed.all_reduce(total)
words.append(total.item())
distributed.barrier()
distributed.destroy_process_group()
"""
TELL = """
words = [*words, 'port', os.environ['MASTER_PORT']]
os.write(1, (' '.join(map(str, words)) + chr(10)).encode())
"""
HYDRA = ('mpiexec.hydra',)
MPI = pytest.mark.parametrize('mpi', [OPEN_MPI, HYDRA], ids=['open_mpi', 'mpich'])
# What runs on another machine, runs here.
REMOTE_SHELL = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
shift
exec sh -c "$*"
"""


def joined(launcher):
    """Return a command that joins a launcher and says which process it is."""
    return (sys.executable, '-c', JOIN + TELL, launcher)


def summed(launcher):
    """Return one whose processes open a group, too, and add up 1, 2, 4, ..."""
    return (sys.executable, '-c', JOIN + SUM + TELL, launcher)


def said(done):
    """Return what each process has printed, without the port, and the one port."""
    assert done.returncode == 0, done.stderr
    lines = [line.partition(' port ') for line in done.stdout.splitlines()]
    ports = {port for *_, port in lines}
    assert len(ports) == 1, done.stdout
    return sorted(numbers for numbers, *_ in lines), int(*ports)


def test_srun_on_two_nodes(slurm):
    command = ('srun', '-N2', '-n2', *summed('slurm'))
    numbers, _ = said(slurm.run(*command, MASTER_ADDR='127.0.0.1'))
    assert numbers == ['0 2 0 1 True 3', '1 2 0 1 False 3']


def test_srun_with_more_tasks_on_one_node_than_on_the_other(slurm):
    nodes = ('--distribution=block', '-N2', '-n3')
    done = slurm.run('srun', *nodes, *summed('slurm'), MASTER_ADDR='127.0.0.1')
    numbers, _ = said(done)
    assert [(line.split()[0], line.split()[-1]) for line in numbers] == [
        (rank, '7') for rank in '012'
    ]
    assert sorted(line.split()[2] for line in numbers) == ['0', '0', '1']
    assert sorted(line.split()[3] for line in numbers) == ['1', '2', '2']


def test_srun_on_one_node_needs_no_address(slurm):
    numbers, _ = said(slurm.run('srun', '-N1', '-n2', *joined('slurm')))
    assert numbers == ['0 2 0 2 True', '1 2 1 2 False']


def test_a_step_may_have_fewer_tasks_than_its_job(slurm):
    step = ('srun', '-N1', '-n2', *joined('slurm'))
    numbers, _ = said(slurm.run('salloc', '-N2', '-n4', *step))
    assert numbers == ['0 2 0 2 True', '1 2 1 2 False']


def test_a_first_node_that_nobody_finds_is_one_message(slurm):
    done = slurm.run('srun', '-N2', '-n2', *joined('slurm'))
    assert (
        "MASTER_ADDR is 'n1' (the first of SLURM_STEP_NODELIST=n[1-2])" in done.stderr
    )
    assert 'Traceback' not in done.stderr


def test_what_srun_has_not_started_does_not_wait_for_others(slurm, tmp_path):
    message = 'srun hrnet train CONFIG --launcher slurm'
    assert message in slurm.run('salloc', '-N2', '-n2', *joined('slurm')).stderr
    script, output = tmp_path / 'job', tmp_path / 'output'
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -c "$1" slurm\n')
    slurm.run('sbatch', '--wait', '-N2', '-n2', '-o', output, script, JOIN)
    assert message in output.read_text()


def test_two_steps_at_once_have_ports_of_their_own(slurm):
    step = ('srun', '-N1', '-n2', '--exact', *joined('slurm'))
    both = ' & '.join(['"$@"'] * 2)
    done = slurm.run('salloc', '-n4', '-N1', 'sh', '-c', f'{both} & wait', 'sh', *step)
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    assert len({line.split()[-1] for line in lines}) == 2


@MPI
def test_mpi_on_one_machine(mpi):
    numbers, port = said(run(*mpi, '-n', '2', *summed('mpi')))
    assert numbers == ['0 2 0 2 True 3', '1 2 1 2 False 3']
    _, another = said(run(*mpi, '-n', '2', *joined('mpi')))
    assert port != another


@MPI
def test_mpi_with_a_shell_around_each_process(mpi):
    shell = ('sh', '-c', '"$@"; true', 'sh')
    numbers, _ = said(run(*mpi, '-n', '2', *shell, *joined('mpi')))
    assert numbers == ['0 2 0 2 True', '1 2 1 2 False']


@pytest.fixture
def two_machines(tmp_path):
    """Words for both MPI that make them start one process on each of two machines."""
    shell = tmp_path / 'remote_shell'
    shell.write_text(REMOTE_SHELL)
    shell.chmod(0o755)
    there = ('-launcher-exec', shell, '-hosts', 'localhost,127.0.0.2')
    return {
        OPEN_MPI: ('--mca', 'plm_rsh_agent', shell, '--host', 'localhost:1,other:1'),
        HYDRA: ('-launcher', 'ssh', *there),
    }


ADDRESS = {
    OPEN_MPI: ('-x', 'MASTER_ADDR=127.0.0.1'),
    HYDRA: ('-genv', 'MASTER_ADDR', '127.0.0.1'),
}


@MPI
def test_mpi_on_two_machines(mpi, two_machines):
    start = (*mpi, *two_machines[mpi], '-n', '2')
    without = run(*start, *joined('mpi'))
    assert '--launcher mpi on several machines (1 of 2 processes' in without.stderr
    numbers, _ = said(run(*start, *ADDRESS[mpi], *summed('mpi')))
    assert numbers == ['0 2 0 1 True 3', '1 2 0 1 False 3']


@MPI
def test_mpi_inside_a_job_of_slurm(slurm, mpi):
    start = ('salloc', '-N2', '-n2', *mpi, '-n', '2', *ADDRESS[mpi])
    numbers, _ = said(slurm.run(*start, *joined('mpi')))
    assert numbers == ['0 2 0 1 True', '1 2 0 1 False']
    wrong = slurm.run(*start, *joined('slurm'))
    assert 'mpi has: write  --launcher mpi' in wrong.stderr


def test_torchrun_inside_a_step_of_slurm(slurm):
    torchrun = (sys.executable, '-m', 'torch.distributed.run', '--standalone')
    words = ('--nproc_per_node=2', '--no_python', *joined('slurm'))
    done = slurm.run('srun', '-n1', *torchrun, *words)
    assert 'pytorch has: write  --launcher pytorch' in done.stderr


def test_torchrun_with_the_variables_of_kubernetes():
    """Kubeflow's operator tells torchrun of each pod by PET_* what it is to do."""
    words = ('--no_python', *summed('pytorch'))
    command = (sys.executable, '-m', 'torch.distributed.run', *words)
    (port,) = free_ports(1)
    job = dict(PET_NNODES='2', PET_NPROC_PER_NODE='1', PET_MASTER_ADDR='127.0.0.1')
    job.update(PET_MASTER_PORT=str(port), MASTER_ADDR='127.0.0.1')
    job.update(MASTER_PORT=str(port), WORLD_SIZE='2')
    pods = [dict(job, PET_NODE_RANK=rank, RANK=rank) for rank in '01']
    with ThreadPoolExecutor() as threads:
        done = list(threads.map(lambda pod: run(*command, **pod), pods))
    printed = [pod.stdout.partition(' port ')[0] for pod in done]
    assert printed == ['0 2 0 1 True 3', '1 2 0 1 False 3'], done[0].stderr
