"""Several processes share a run, from the first one to the last one that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import distributed


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
    """Close the group of processes, if there is one.

    If the interpreter ends with an open group, gloo's own thread frees tensors of an
    interpreter that is gone, and the process aborts now and then.
    """
    if is_open():
        distributed.destroy_process_group()


def is_open() -> bool:
    """Tell whether this process is one of several that work together."""
    return distributed.is_available() and distributed.is_initialized()
