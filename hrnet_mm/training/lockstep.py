"""Processes leave a step together, and say who is gone where one does not come.

All of it goes by the store in which the processes have met: it answers at once, where a
collective operation would wait for the process that is gone.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import NoReturn

from torch import distributed
from torch.distributed import Store

from ..errors import UserError, first

SPOKEN = 'an error is said'
BEAT = 2.0  # seconds between two signs of life
GRACE = 4.0  # seconds in which the others notice that a process has failed
# What gloo, nccl and the store say when a process has gone, or answers no more.
LOST = re.compile(
    r'connection (closed|reset|was )|closed by peer|broken pipe|timed out|timeout|'
    r'remote process|recvvalue|sendbytes|socket|unhandled system error',
    re.IGNORECASE,
)
_steps = itertools.count()  # equal in all processes, which run the same program


def is_open() -> bool:
    """Tell whether this process is one of several that work together."""
    return distributed.is_available() and distributed.is_initialized()


def is_alone() -> bool:
    """Tell whether there is no other process to exchange anything with."""
    return not is_open() or distributed.get_world_size() == 1


def is_first() -> bool:
    """Tell whether this is the first of the processes, the one that speaks."""
    return not is_open() or distributed.get_rank() == 0


def is_first_of_machine() -> bool:
    """Tell whether this is the first of the processes of its machine."""
    return not is_open() or os.environ.get('LOCAL_RANK', '0') == '0'


def store() -> Store:
    """Return the store of the group."""
    return distributed.distributed_c10d._get_default_store()


def time_limit() -> timedelta:
    """Return how long the processes of the group wait for each other."""
    return store().timeout  # type: ignore[attr-defined]  # missing in the stubs


def happened(key: str) -> bool:
    """Tell whether a process has noted something in the store, without waiting."""
    return store().add(key, 0) > 0  # torch 2.1 knows no other way that does not wait


@contextmanager
def together() -> Iterator[None]:
    """Pass a step in all processes, or end them all with one message.

    The message is that of the first process that fails with a `UserError`; the others
    say nothing. With one process the context does nothing.

    Raises:
        UserError: This process is the first one that has failed.
        SystemExit: Another one has.
    """
    if not is_open():
        yield
        return
    step = f'step {next(_steps)}'
    try:
        yield
    except UserError as error:
        _note(step, str(error))
        _end_with(step, error)
    _note(step, '')
    _wait_until(lambda: happened(f'{step} failed') or _all_ended(step), 'a step')
    if happened(f'{step} failed'):
        leave_silently()


def _note(step: str, failure: str) -> None:
    rank = distributed.get_rank()
    if failure:
        store().set(f'{step} text {rank}', failure)
        store().add(f'{step} failed {rank}', 1)
        store().add(f'{step} failed', 1)
    store().add(f'{step} ended {rank}', 1)
    store().add(f'{step} ended', 1)


def _all_ended(step: str) -> bool:
    return store().add(f'{step} ended', 0) == distributed.get_world_size()


def _end_with(step: str, error: UserError) -> NoReturn:
    """Raise an error if this process is the first one that has failed."""
    # A process that waits for this one in a collective operation never comes.
    _wait_until(lambda: _all_ended(step), 'a step', GRACE)
    rank, size = distributed.get_rank(), distributed.get_world_size()
    if any(happened(f'{step} failed {number}') for number in range(rank)):
        leave_silently()
    texts = {
        store().get(f'{step} text {number}')
        for number in range(size)
        if happened(f'{step} failed {number}')
    }
    if size == 1 or (len(texts) == 1 and store().add(f'{step} failed', 0) == size):
        raise error
    raise UserError(f'{_place()}: {error}') from error


def _wait_until(done: Callable[[], bool], what: str, most: float | None = None) -> None:
    """Wait until something has happened in the store.

    Raises:
        RuntimeError: It has not within the group's time; without `most` alone.
    """
    limit = time_limit().total_seconds() if most is None else most
    end, pause = time.monotonic() + limit, 0.01
    while not done():
        if time.monotonic() > end and most is None:
            raise RuntimeError(f'timed out: {what} takes longer than {limit:g} s')
        if time.monotonic() > end:
            return
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def leave_silently() -> NoReturn:
    """End this process after the one that speaks, or a launcher would end that, too."""
    time.sleep(1)
    sys.exit(2)


@contextmanager
def beating() -> Iterator[None]:
    """Let the first process say every few seconds that it is alive."""
    if not is_open() or distributed.get_rank() > 0:
        yield
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            with suppress(RuntimeError):
                store().add('beats', 1)

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join(2 * BEAT)


def wait_for_first() -> None:
    """Wait for the first process, which may work for hours, as long as it is alive.

    Raises:
        RuntimeError: Its heart has stopped to beat, for as long as processes wait for
            each other.
    """
    if not is_open():
        return
    key = f'first {next(_steps)}'
    if distributed.get_rank() == 0:
        store().add(key, 1)
    pause, beats, end = 0.01, 0, 0.0
    while not happened(key):
        before, beats = beats, store().add('beats', 0)
        if beats != before or not beats:  # outside of `beating` there are none
            end = time.monotonic() + time_limit().total_seconds() + 2 * BEAT
        if time.monotonic() > end:
            raise RuntimeError('timed out: the first process answers no more')
        time.sleep(pause)
        pause = min(pause * 1.5, 1)
    distributed.barrier()


@contextmanager
def who_is_gone() -> Iterator[None]:
    """Name the processes that have ended, or answer no more, in one message.

    Raises:
        UserError: This process is the first one that is left.
        SystemExit: Another one speaks.
    """
    if not is_open():
        yield
        return
    store().set(f'host {distributed.get_rank()}', socket.gethostname())
    try:
        yield
    except UserError as error:
        _speak_alone(error)
    except RuntimeError as error:
        if not is_open() or not LOST.search(str(error)):
            raise
        _name_the_gone(error)


def _speak_alone(error: UserError) -> NoReturn:
    """Raise an error unless another process has raised one before."""
    rank = distributed.get_rank() if is_open() else 0
    with suppress(RuntimeError):  # the store has gone with the first process
        if is_open() and store().add(SPOKEN, 1) > 1:
            leave_silently()
    if rank == 0 or str(error).startswith('on '):
        raise error
    raise UserError(f'{_place()}: {error}') from error


def _place() -> str:
    rank, size = distributed.get_rank(), distributed.get_world_size()
    return f'on {socket.gethostname()} (process {rank} of {size})'


def _name_the_gone(error: RuntimeError) -> NoReturn:
    rank, size = distributed.get_rank(), distributed.get_world_size()
    gone = [0]  # the store is in the first process, or in its launcher
    with suppress(RuntimeError):
        store().add(f'alive {rank}', 1)
        time.sleep(GRACE)
        gone = [n for n in range(size) if not happened(f'alive {n}')]
        if happened(SPOKEN):
            leave_silently()
    left = [number for number in range(size) if number not in gone]
    if rank != min(left, default=rank):
        leave_silently()
    named = first([f'{number} (on {_host(number)})' for number in gone], most=8)
    what = f'process {named} of {size}' if gone else f'a process of {size}'
    raise UserError(
        f'{what} has ended, or answers no more. What it printed, or the machine, says '
        'why. Start all of them again with --resume to go on from the last checkpoint; '
        '--dist-timeout SECONDS waits longer for a slow one'
    ) from error


def _host(number: int) -> str:
    try:
        store().set_timeout(timedelta(seconds=2))
        return store().get(f'host {number}').decode()
    except RuntimeError:
        return 'the machine of MASTER_ADDR' if number == 0 else 'its machine'
