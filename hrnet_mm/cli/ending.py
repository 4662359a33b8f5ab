"""A command ends with one message instead of a traceback if a user can act on it."""

from __future__ import annotations

import errno
import os
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ..errors import Terminated, UserError, place_of, printable
from ..files import FULL, full_disk
from .refusal import TRACEBACK, refused

NO_NAMES = (errno.ENAMETOOLONG, errno.ELOOP)  # of files, wherever they are asked for
NULL = re.compile('(null byte|embedded null character)')
# Exit statuses of programs stopped by SIGINT, SIGPIPE and SIGTERM.
INTERRUPTED, UNREAD, TERMINATED = 130, 141, 143


@contextmanager
def user_errors() -> Iterator[None]:
    """Print errors that a user can fix as one message, and exit with status 2.

    An interruption exits with status 130 and one word, so does SIGTERM with 143. If
    nobody reads the output any more (`| head`), the command exits silently.
    """
    try:
        with _terminable(), _flushed():
            yield
    except Terminated as stop:
        _leave(str(stop) or 'ended by SIGTERM', TERMINATED)
    except KeyboardInterrupt as stop:
        _leave(str(stop) or 'interrupted', INTERRUPTED)
    except BrokenPipeError:
        if not _unread():  # another pipe, of a process that has died
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
    except UserError as error:
        _leave(f'error: {error}', 2)
    except Exception as error:
        message = _explained(error)
        if message is None or os.environ.get(TRACEBACK):
            raise
        _leave(f'error: {message}', 2)


def _explained(error: Exception) -> str | None:
    """Explain an error of a library that a user can act on; None if it is another."""
    if isinstance(error, OSError) and error.errno in FULL:
        return full_disk(Path(error.filename or '.'))
    if isinstance(error, OSError) and error.errno in NO_NAMES:
        return f'{shown(error.filename)} can be no file: {error.strerror}'
    if isinstance(error, ValueError) and NULL.search(str(error)):
        return 'a name of a file has a null byte in it'
    if isinstance(error, RecursionError):
        return (
            f'a file or an option is nested too deeply ({place_of(error)}). '
            f'{TRACEBACK}=1 shows the whole traceback'
        )
    return refused(error)


def shown(name: object, most: int = 90) -> str:
    """Return a name that may be very long as a short text."""
    text = str(name)
    return text if len(text) <= most else f'{text[:most]}...'


@contextmanager
def _flushed() -> Iterator[None]:
    """Flush the output at the end, while a closed pipe can still be handled."""
    try:
        yield
    finally:
        sys.stdout.flush()


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into the exception `Terminated` of the main thread.

    By itself it ends the process at once, and what was not written yet is lost. A
    handler of somebody else's stays. A second SIGTERM does not disturb the ending.
    """
    owner = os.getpid()
    is_main = threading.current_thread() is threading.main_thread()

    def end(number: int, _: Any) -> None:
        if os.getpid() == owner:
            signal.signal(number, signal.SIG_IGN)
            raise Terminated
        # A child that was forked from this process ends as usual.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _leave(message: str, status: int) -> NoReturn:
    lines = '\n'.join(map(printable, message.split('\n')))
    sys.stderr.write(f'\n{lines}\n')
    sys.exit(status)


def _unread() -> bool:
    """Tell whether standard output is a pipe whose reader has gone."""
    if not hasattr(select, 'poll'):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
