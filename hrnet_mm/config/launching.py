"""The launcher that a user names must have started this process.

Nothing but the standard library is imported, so that a mistake is found at once.
"""

from __future__ import annotations

import os

from ..errors import UserError

# What mmengine reads of each launcher, the number of the process first.
VARIABLES = {
    'pytorch': ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR', 'MASTER_PORT'),
    'slurm': ('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_NODELIST'),
    'mpi': (
        'OMPI_COMM_WORLD_RANK',
        'OMPI_COMM_WORLD_SIZE',
        'OMPI_COMM_WORLD_LOCAL_RANK',
        'MASTER_ADDR',
    ),
}
# mmengine knows the names of Open MPI alone; these are those of MPICH and Intel MPI.
OF_MPICH = {
    'OMPI_COMM_WORLD_RANK': 'PMI_RANK',
    'OMPI_COMM_WORLD_SIZE': 'PMI_SIZE',
    'OMPI_COMM_WORLD_LOCAL_RANK': 'MPI_LOCALRANKID',
}
COMMANDS = {
    'pytorch': 'tools/dist_train.sh CONFIG PROCESSES (torchrun)',
    'slurm': 'tools/slurm_train.sh PARTITION JOB_NAME CONFIG (srun)',
    'mpi': 'mpirun -n PROCESSES -x MASTER_ADDR=HOST hrnet train CONFIG --launcher mpi',
}


def join_launcher(launcher: str, local_rank: int | None) -> None:
    """Check that a launcher has set its variables, and set those that mmengine reads.

    Args:
        launcher: `'none'`, or a key of `VARIABLES`.
        local_rank: Number of the process on its machine, as old launchers pass it by
            `--local_rank`; None if it was not given.

    Raises:
        UserError: Variables are missing; the message names them all.
    """
    if local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(local_rank))
    if launcher != 'none':  # torch prints pages about each connection that is lost
        os.environ.setdefault('TORCH_CPP_LOG_LEVEL', 'ERROR')
    if launcher == 'mpi':
        _translate_mpi()
    needed = VARIABLES.get(launcher, ())
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        names = [f'{n} (or {OF_MPICH[n]})' if n in OF_MPICH else n for n in missing]
        raise UserError(
            f'--launcher {launcher}, but the environment does not have '
            f'{", ".join(names)}: {launcher} has not started this process.\n'
            f'Start it with  {COMMANDS[launcher]}\n'
            'or leave --launcher out, for one process'
        )


def _translate_mpi() -> None:
    for name, of_mpich in OF_MPICH.items():
        if of_mpich in os.environ:
            os.environ.setdefault(name, os.environ[of_mpich])
    # mmengine places the model by LOCAL_RANK, whatever the shell had in it.
    if 'OMPI_COMM_WORLD_LOCAL_RANK' in os.environ:
        os.environ['LOCAL_RANK'] = os.environ['OMPI_COMM_WORLD_LOCAL_RANK']
