"""A real Slurm of two nodes on this machine, and real MPI launchers.

It needs no systemd and changes nothing of the machine's: `munged`, `slurmctld` and two
`slurmd` run in a temporary folder, and are gone with the tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess
ROOT = Path(__file__).parents[1]
PROGRAMS = ('munged', 'slurmctld', 'slurmd', 'srun', 'mpirun.openmpi', 'mpiexec.hydra')
INSTALL = 'apt-get install slurm-wlm munge openmpi-bin mpich'
# Each process may use all cores, and there may be more processes than cores.
OPEN_MPI = ('mpirun.openmpi', '--allow-run-as-root', '--oversubscribe')
OPEN_MPI += ('--bind-to', 'none')
NODES = ('n1', 'n2')
CONFIG = """
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# What is requeued starts after this many seconds (two minutes if less than 5).
AuthInfo=socket={folder}/munge.socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=1,sched_interval=1
MinJobAge=300
KillWait=10
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
PartitionName=here Nodes=ALL Default=YES State=UP OverSubscribe=FORCE
"""
NODE = 'NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4\n'


def lacking() -> str:
    """Return what the tests need and this machine does not have."""
    if not sys.platform.startswith('linux') or os.geteuid() != 0:
        return 'the tests of launchers start a Slurm, as root, on Linux'
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f'no {", ".join(missing)}: {INSTALL}' if missing else ''


needs_cluster = pytest.mark.skipif(bool(lacking()), reason=lacking())


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for some in sockets:
            some.bind(('127.0.0.1', 0))
        return [some.getsockname()[1] for some in sockets]


@contextmanager
def daemon(log: Path, *command: str | Path) -> Iterator[None]:
    """Run a program in the background, which ends with the block and with pytest."""
    words = ['setpriv', '--pdeathsig', 'TERM', *map(str, command)]
    with log.open('w') as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def left_in(folder: Path) -> list[int]:
    """Return the processes that belong to the Slurm of a folder."""
    mark = f'SLURM_CONF={folder}/slurm.conf'.encode()
    found = []
    for process in Path('/proc').glob('[0-9]*'):
        try:
            belongs = mark in (process / 'environ').read_bytes()
        except OSError:  # it has just ended
            continue
        if belongs and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def end_all_of(folder: Path) -> None:
    """Kill what jobs have left behind, the helpers of Slurm for each step, too."""
    for process in left_in(folder):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_until(condition, seconds: float, what: str):
    """Return the first true value of a condition; fail after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f'{what}: not within {seconds} seconds')


class Cluster:
    """A `Cluster` runs commands as a user of Slurm would.

    Args:
        folder: Where all files of this Slurm are.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = environment(SLURM_CONF=str(folder / 'slurm.conf'))

    def run(
        self, *command: str | Path, **variables: str
    ) -> subprocess.CompletedProcess:
        """Run a command, and return it with what it has printed."""
        return run(*command, base=self.environment, **variables)

    def state(self, job: str) -> str:
        """Return the state of a job, for example `'RUNNING'`."""
        shown = self.run('scontrol', '--oneliner', 'show', 'job', job).stdout
        return shown.partition('JobState=')[2].partition(' ')[0]

    def nodes_are_idle(self) -> bool:
        """Tell whether both nodes wait for jobs."""
        shown = self.run('sinfo', '--noheader', '--Node', '--format=%T').stdout
        return shown.split() == ['idle'] * len(NODES)


def environment(**variables: str) -> dict[str, str]:
    """Return this environment without launchers' variables, for one thread each."""
    names = ('SLURM_', 'OMPI_', 'PMI', 'MPI_', 'MASTER_', 'RANK', 'WORLD_', 'LOCAL_')
    own = {n: v for n, v in os.environ.items() if not n.startswith(names)}
    own.update(PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1', **variables)
    return own


def run(
    *command: str | Path, base: dict[str, str] | None = None, **variables: str
) -> Done:
    """Run a command for at most 100 seconds, and return it with what it has printed."""
    return subprocess.run(
        list(map(str, command)),
        env={**(base or environment()), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.fixture(scope='session')
def slurm(tmp_path_factory) -> Iterator[Cluster]:
    """A Slurm of the nodes n1 and n2, whose names no machine finds."""
    folder = tmp_path_factory.mktemp('slurm')
    host = socket.gethostname().partition('.')[0]
    controller, *ports = free_ports(1 + len(NODES))
    config = folder / 'slurm.conf'
    nodes = [NODE.format(name=n, host=host, port=p) for n, p in zip(NODES, ports)]
    config.write_text(
        ''.join(nodes) + CONFIG.format(host=host, port=controller, folder=folder)
    )
    key = folder / 'munge.key'
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    (folder / 'state').mkdir()
    cluster = Cluster(folder)
    with ExitStack() as stack:
        stack.callback(end_all_of, folder)
        munge = [
            f'--{n}={folder}/munge.{n}' for n in ('socket', 'pid-file', 'seed-file')
        ]
        for command in (
            ('munged', '--foreground', '--force', f'--key-file={key}', *munge),
            ('slurmctld', '-D', '-f', config),
            *(('slurmd', '-D', '-N', node, '-f', config) for node in NODES),
        ):
            log = folder / f'{command[0]}-{len(os.listdir(folder))}.log'
            stack.enter_context(daemon(log, *command))
            time.sleep(0.5)
        wait_until(cluster.nodes_are_idle, 30, f'a Slurm in {folder}')
        yield cluster
