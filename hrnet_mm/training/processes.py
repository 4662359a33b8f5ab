"""Several processes share a run, from the first one to the last one that leaves."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from ..version import torch_is_at_least

SETTLED = 0.2  # seconds in which gloo's threads free what they still hold


@contextmanager
def process_group() -> Iterator[None]:
    """Make all processes leave together, and close the group that was opened inside.

    The first process still draws and writes when the others have nothing to do: they
    wait for it, or the launcher would take their end for a failure. An error or an
    interruption waits for nobody.
    """
    try:
        yield
        if is_open():
            distributed.barrier()
    finally:
        close_group()


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


def is_open() -> bool:
    """Tell whether this process is one of several that work together."""
    return distributed.is_available() and distributed.is_initialized()
