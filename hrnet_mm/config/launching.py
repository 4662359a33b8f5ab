"""Every launcher's variables become torchrun's, from which the processes find together.

Nothing but the standard library is imported, so that a mistake is found at once.
"""

from __future__ import annotations

import os
import re
import socket
import zlib
from collections.abc import Iterable
from pathlib import Path

from ..errors import UserError
from .node_lists import first_node, tasks_on

RANKS = ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'LOCAL_WORLD_SIZE')
MPICH = ('PMI_RANK', 'PMI_SIZE', 'MPI_LOCALRANKID', 'MPI_LOCALNRANKS')
OPEN_MPI = tuple(
    f'OMPI_COMM_WORLD_{name}' for name in ('RANK', 'SIZE', 'LOCAL_RANK', 'LOCAL_SIZE')
)
# A script of sbatch has SLURM_NTASKS, too; only what srun starts has a step.
STEP = ('SLURM_PROCID', 'SLURM_STEP_NUM_TASKS', 'SLURM_LOCALID')
STEP_PLACE = ('SLURM_NODEID', 'SLURM_STEP_TASKS_PER_NODE', 'SLURM_STEP_NODELIST')
STEP_NAME = ('SLURM_JOB_ID', 'SLURM_STEP_ID')
# What each launcher sets, in each of its forms, in the order of RANKS.
VARIABLES: dict[str, list[tuple[str, ...]]] = {
    'pytorch': [(*RANKS[:3], 'MASTER_ADDR', 'MASTER_PORT')],
    'slurm': [(*STEP, *STEP_PLACE, *STEP_NAME)],
    'mpi': [OPEN_MPI, MPICH],  # Intel MPI has MPICH's
}
COMMANDS = {
    'pytorch': 'tools/dist_train.sh CONFIG PROCESSES (torchrun)',
    'slurm': 'tools/slurm_train.sh PARTITION JOB_NAME CONFIG (srun)',
    'mpi': 'mpirun -n PROCESSES hrnet train CONFIG --launcher mpi',
}
TORCHRUN = 'TORCHELASTIC_RUN_ID'  # what torchrun alone sets
# From here Slurm counts what no user's srun has started, as the shell of salloc.
NO_STEP = 2**32 - 16
# Below the ports that the kernel gives to whoever asks, and below torchrun's own.
FIRST_PORT, PORTS = 10_000, 19_000
FIXED_PORT = 29_500
# Names of a job that all its processes have, and no other job: Open MPI's, Intel MPI's.
JOB_NAMES = ('PMIX_NAMESPACE', 'I_MPI_HYDRA_UUID')


def join_launcher(launcher: str, local_rank: int | None) -> None:
    """Check what a launcher has set, and set the variables of torchrun from it.

    Afterwards RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT are there, and
    LOCAL_WORLD_SIZE where it is known. An address or a port that is there stays.

    Args:
        launcher: `'none'`, or a key of `VARIABLES`.
        local_rank: Number of the process on its machine, as old launchers pass it by
            `--local_rank`; None if it was not given.

    Raises:
        UserError: Variables are missing, and the message names them all; or one has a
            value that cannot be.
    """
    if launcher == 'none':
        return
    # torch prints pages about each connection that is lost.
    os.environ.setdefault('TORCH_CPP_LOG_LEVEL', 'ERROR')
    if local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(local_rank))
    names = _set_by(launcher)
    _take_ranks(launcher, names)
    if not os.environ.get('MASTER_ADDR'):
        os.environ['MASTER_ADDR'] = _address(launcher)
    if not os.environ.get('MASTER_PORT'):
        os.environ['MASTER_PORT'] = str(_port(launcher))
    _number('MASTER_PORT', 1, 2**16 - 1)
    _check_address(launcher)


def _set_by(launcher: str) -> tuple[str, ...]:
    """Return the names of a launcher's variables, all of which are there."""
    started_by = {
        name: form
        for name, forms in VARIABLES.items()
        for form in forms
        if not _missing(form)
    }
    for outer in _around(started_by):
        started_by.pop(outer, None)
    if launcher not in started_by:
        raise UserError(_not_started(launcher, [*started_by]))
    return started_by[launcher]


def _around(started_by: Iterable[str]) -> set[str]:
    """Return the launchers that did not start this process, but one that starts it.

    Its variables are there, too, and have one number for all that it starts.
    """
    if TORCHRUN in os.environ:
        return {'slurm', 'mpi'}
    around_mpi = 'mpi' in started_by  # mpirun starts its helpers by srun
    shell = 'slurm' in started_by and _number('SLURM_STEP_ID', 0) >= NO_STEP
    return {'slurm'} if around_mpi or shell else set()


def _missing(form: tuple[str, ...]) -> list[str]:
    return [name for name in form if not os.environ.get(name)]


def _not_started(launcher: str, others: list[str]) -> str:
    """Return the message that a launcher has not started this process."""
    forms = VARIABLES[launcher]
    begun = [form for form in forms if len(_missing(form)) < len(form)]
    missing = ' or '.join(', '.join(_missing(form)) for form in begun or forms)
    found = f', but the environment does not have {missing}' if missing else ''
    said = f'--launcher {launcher}{found}: {launcher} has not started this process.\n'
    others = [name for name in others if name != launcher]
    if others:
        return f'{said}{others[0]} has: write  --launcher {others[0]}'
    if launcher == 'slurm' and 'SLURM_JOB_ID' in os.environ:
        return (
            f'{said}This shell or script is in job {os.environ["SLURM_JOB_ID"]} of '
            'Slurm, and srun starts the processes of a job:\n'
            'srun hrnet train CONFIG --launcher slurm'
        )
    return (
        f'{said}Start it with  {COMMANDS[launcher]}\n'
        'or leave --launcher out, for one process'
    )


def _take_ranks(launcher: str, names: tuple[str, ...]) -> None:
    """Set the numbers of the process and of all processes, which go together."""
    rank, size, local = names[:3]
    world = _number(size, 1)
    found = dict(RANK=_number(rank, 0, world - 1, size), WORLD_SIZE=world)
    on_machine, its_name = _on_machine(launcher, names)
    last = (on_machine or world) - 1
    found['LOCAL_RANK'] = _number(local, 0, last, its_name or size)
    os.environ.update({name: str(number) for name, number in found.items()})
    os.environ.pop('LOCAL_WORLD_SIZE', None)
    if on_machine:
        os.environ['LOCAL_WORLD_SIZE'] = str(on_machine)


def _on_machine(launcher: str, names: tuple[str, ...]) -> tuple[int | None, str]:
    """Return how many processes this machine has, and the variable that says it."""
    if launcher == 'slurm':
        name = 'SLURM_STEP_TASKS_PER_NODE'
        try:
            return tasks_on(_number('SLURM_NODEID', 0), os.environ[name]), name
        except ValueError as error:
            raise UserError(f'{name}={os.environ[name]!r}: {error}') from None
    name = names[3] if launcher == 'mpi' else 'LOCAL_WORLD_SIZE'
    if not os.environ.get(name):  # torch.distributed.launch did not always set it
        return None, ''
    return _number(name, 1), name


def _number(name: str, least: int, most: int | None = None, because: str = '') -> int:
    """Return the whole number that a variable holds.

    Args:
        name: Name of the variable.
        least: Smallest number that it may hold.
        most: Largest one; None if there is none.
        because: Name of the variable that sets the largest one.

    Raises:
        UserError: The variable holds something else.
    """
    text = os.environ[name]
    number = int(text) if re.fullmatch('[0-9]{1,18}', text) else -1
    if number >= least and (most is None or number <= most):
        return number
    expected = f'of {least} or more' if most is None else f'from {least} to {most}'
    reason = f', as {because}={os.environ[because]}' if because else ''
    remedy = 'The launcher sets it: see whether something has changed it since'
    if name == 'MASTER_PORT':
        remedy = 'Set it to a free port of the machine of the first process'
    raise UserError(
        f'the variable {name} is {text!r}, expected a whole number {expected}{reason}. '
        f'{remedy}'
    )


def _address(launcher: str) -> str:
    """Return where the first process is."""
    here, world = os.environ['LOCAL_WORLD_SIZE'], os.environ['WORLD_SIZE']
    if here == world:
        return '127.0.0.1'
    if launcher == 'slurm':
        return first_node(os.environ['SLURM_STEP_NODELIST'])
    raise UserError(
        f'--launcher mpi on several machines ({here} of {world} processes are on this '
        'one), but MASTER_ADDR is not set: all must know the machine of the first '
        'process.\n'
        'mpirun -x MASTER_ADDR=HOST ...         (Open MPI)\n'
        'mpiexec -genv MASTER_ADDR HOST ...     (MPICH, Intel MPI)'
    )


def _port(launcher: str) -> int:
    """Return a port that all processes of this job find, and those of others do not."""
    named = [os.environ[name] for name in JOB_NAMES if os.environ.get(name)]
    if launcher == 'slurm':
        # Jobs that run at once have numbers near each other, and few steps.
        job, step = (_number(name, 0) for name in STEP_NAME)
        number = 16 * job + step
    elif named:
        number = zlib.crc32(named[0].encode())
    elif os.environ['LOCAL_WORLD_SIZE'] == os.environ['WORLD_SIZE']:
        number = _starter()
    else:
        return FIXED_PORT
    return FIRST_PORT + number % PORTS


def _starter() -> int:
    """Return the id of the process that started all of MPICH's on this machine.

    That is the nearest ancestor without a rank. Each process may have a shell of its
    own in between; where there is no /proc, the parent must do.
    """
    process = os.getppid()
    try:
        while b'PMI_RANK=' in Path(f'/proc/{process}/environ').read_bytes():
            status = Path(f'/proc/{process}/stat').read_text()
            process = int(status.rpartition(')')[2].split()[1])
    except OSError:
        pass
    return process


def _check_address(launcher: str) -> None:
    """Raise a UserError if this machine cannot tell where the first process is."""
    host, port = os.environ['MASTER_ADDR'], os.environ['MASTER_PORT']
    try:
        socket.getaddrinfo(host, int(port))
    except (OSError, UnicodeError) as error:
        nodes = os.environ.get('SLURM_STEP_NODELIST', '')
        first = launcher == 'slurm' and host == first_node(nodes)
        origin = f' (the first of SLURM_STEP_NODELIST={nodes})' if first else ''
        raise UserError(
            f'the variable MASTER_ADDR is {host!r}{origin}, which this machine does '
            f'not find: {error}.\nSet it to a name or an address of the machine of the '
            'first process that all machines find:  export MASTER_ADDR=HOST'
        ) from None
