"""Several processes share a run, from the first one to the last one that leaves."""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
from torch import distributed
from torch.distributed import PrefixStore, Store, TCPStore
from torch.nn.parallel import DistributedDataParallel

from ..errors import UserError, first
from ..version import torch_is_at_least
from .lockstep import beating, is_open, leave_silently, wait_for_first, who_is_gone

SETTLED = 0.2  # seconds in which gloo's threads free what they still hold
TIMEOUT = 600  # seconds that processes wait for each other


@contextmanager
def process_group(launcher: str = 'none', timeout: float = TIMEOUT) -> Iterator[None]:
    """Open a group of processes, make them leave together, and close it.

    The first process still draws and writes when the others have nothing to do: they
    wait for it, or the launcher would take their end for a failure. An error or an
    interruption waits for nobody.

    Args:
        launcher: What has started the processes; `'none'` for one process.
        timeout: Seconds that they wait for each other.

    Raises:
        UserError: Processes are missing, or one has ended before its time.
    """
    try:
        open_group(launcher, timeout)
        with who_is_gone(), beating():
            yield
            wait_for_first()
    finally:
        close_group()


def open_group(
    launcher: str, timeout: float = TIMEOUT, backend: str | None = None
) -> None:
    """Open the group of the processes that a launcher has started.

    mmengine's own function wants accelerators of Slurm and MPI, and sets the device of
    CUDA where there is none.

    Args:
        launcher: What has started the processes; with `'none'` nothing is opened. Its
            variables have the names of torchrun's by now (`join_launcher`).
        timeout: Seconds that processes wait for each other.
        backend: torch's way to send tensors; None for nccl with GPUs, gloo without.

    Raises:
        UserError: Processes are missing or doubled, or the port is taken.
    """
    if launcher == 'none' or is_open():
        return
    rank, size = int(os.environ['RANK']), int(os.environ['WORLD_SIZE'])
    on_gpus = torch.cuda.is_available()
    if on_gpus:
        local = int(os.environ.get('LOCAL_RANK', rank))
        torch.cuda.set_device(local % torch.cuda.device_count())
    distributed.init_process_group(
        (backend or 'nccl') if on_gpus else 'gloo',
        store=meet(rank, size, timeout),
        rank=rank,
        world_size=size,
        timeout=timedelta(seconds=timeout),
    )


def meet(rank: int, size: int, timeout: float) -> Store:
    """Wait for all processes, and return the store in which they find each other.

    Raises:
        UserError: Some do not come in time; they are named. Two have one number. The
            port is taken.
    """
    store = _store(rank, size, timeout)
    if store.add(f'number {rank}', 1) > 1:
        raise UserError(
            f'two processes are number {rank} of {size} (RANK={rank}): each needs a '
            'number of its own, as launchers give'
        )
    store.set(f'host {rank}', socket.gethostname())
    store.add(f'here {rank}', 1)
    end = time.monotonic() + timeout
    missing = list(range(size))
    while missing:
        missing = [n for n in missing if not store.add(f'here {n}', 0)]
        if missing and time.monotonic() > end:
            here = [n for n in range(size) if n not in missing]
            if rank != here[0]:
                leave_silently()
            hosts = {store.get(f'host {number}').decode() for number in here}
            raise UserError(
                f'of {size} processes {len(missing)} did not come within '
                f'{timeout:g} s: number {first(missing, most=8)} (there are '
                f'{first(here, most=8)}, on {first(sorted(hosts), most=8)}). Look at '
                'what they printed; --dist-timeout SECONDS waits longer'
            )
        time.sleep(0.05)
    return store


def _store(rank: int, size: int, timeout: float) -> Store:
    host, port = os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT'])
    # torchrun keeps the store itself, and after a failure starts all processes again.
    by_agent = os.environ.get('TORCHELASTIC_USE_AGENT_STORE') == 'True'
    attempt = os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')
    try:
        store = TCPStore(
            host,
            port,
            is_master=rank == 0 and not by_agent,
            timeout=timedelta(seconds=timeout),
            wait_for_workers=False,
        )
    except (RuntimeError, OSError) as error:
        if 'EADDRINUSE' in str(error) or 'address already in use' in str(error).lower():
            raise UserError(
                f'port {port} of {host} is taken, by another run perhaps: set another '
                'one on all machines, MASTER_PORT=29511'
            ) from error
        raise UserError(
            f'process 0 of {size} does not answer at {host}, port {port} '
            f'(MASTER_ADDR, MASTER_PORT), within {timeout:g} s. Look at what it '
            'printed, and whether this machine reaches that one'
        ) from error
    return PrefixStore(f'hrnet_mm {attempt}', store)


def close_group() -> None:
    """Close the group of processes, if there is one, and wait for gloo's threads.

    A thread that still frees a tensor when the interpreter is gone aborts the process.
    The threads end with the last owner of the group, and a distributed model is one: it
    trains no more after this.
    """
    if not is_open():
        return
    if threads_can_be_joined():
        for owner in gc.get_objects():
            if issubclass(type(owner), DistributedDataParallel):
                owner.reducer = owner.logger = owner.process_group = None
    else:
        time.sleep(SETTLED)
    distributed.destroy_process_group()
    if threads_can_be_joined():
        gc.collect()  # what holds the group in a circle


def threads_can_be_joined() -> bool:
    """Tell whether the end of a group waits without the interpreter's lock.

    Where it keeps the lock (before torch's pull request 154976), a thread that needs
    the lock to free a tensor and the wait for that thread never end.
    """
    return torch_is_at_least(2, 9)
