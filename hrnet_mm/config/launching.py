"""The launcher that a user names must have started this process.

Nothing but the standard library is imported, so that a mistake is found at once.
"""

from __future__ import annotations

import os

from ..errors import UserError

# What each launcher sets; of several names one is enough (Open MPI's, MPICH's).
VARIABLES = {
    'pytorch': (
        ('RANK',),
        ('WORLD_SIZE',),
        ('LOCAL_RANK',),
        ('MASTER_ADDR',),
        ('MASTER_PORT',),
    ),
    'slurm': (('SLURM_PROCID',), ('SLURM_NTASKS',), ('SLURM_NODELIST',)),
    'mpi': (
        ('OMPI_COMM_WORLD_RANK', 'PMI_RANK'),
        ('OMPI_COMM_WORLD_SIZE', 'PMI_SIZE'),
        ('OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID'),
        ('MASTER_ADDR',),
    ),
}
COMMANDS = {
    'pytorch': 'tools/dist_train.sh CONFIG PROCESSES (torchrun)',
    'slurm': 'tools/slurm_train.sh PARTITION JOB_NAME CONFIG (srun)',
    'mpi': 'mpirun -n PROCESSES -x MASTER_ADDR=HOST hrnet train CONFIG --launcher mpi',
}


def join_launcher(launcher: str, local_rank: int | None) -> None:
    """Check that a launcher has set its variables; for MPI, set LOCAL_RANK.

    Args:
        launcher: `'none'`, or a key of `VARIABLES`.
        local_rank: Number of the process on its machine, as old launchers pass it by
            `--local_rank`; None if it was not given.

    Raises:
        UserError: A variable is missing; the message names it.
    """
    if local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(local_rank))
    for names in VARIABLES.get(launcher, ()):
        if not any(name in os.environ for name in names):
            raise UserError(
                f'--launcher {launcher}, but the environment variable '
                f'{" or ".join(names)} is not set: {launcher} has not started this '
                f'process.\nStart it with  {COMMANDS[launcher]}\nor leave --launcher '
                'out, for one process'
            )
    if launcher == 'mpi':  # mmengine reads LOCAL_RANK, which MPI does not set
        ranks = (os.environ.get(name) for name in VARIABLES['mpi'][2])
        os.environ.setdefault('LOCAL_RANK', next(filter(None, ranks)))
