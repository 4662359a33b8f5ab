"""A command ends with one message instead of a traceback if a user can act on it."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from ..errors import UserError
from .refusal import refused

# Exit statuses of programs stopped by SIGINT and by SIGPIPE.
INTERRUPTED, UNREAD = 130, 141


@contextmanager
def user_errors() -> Iterator[None]:
    """Print errors that a user can fix as one message, and exit with status 2.

    An interruption exits with status 130 and one word. If nobody reads the output any
    more (`| head`), the command exits silently.
    """
    try:
        with _flushed():
            yield
    except KeyboardInterrupt as stop:
        _leave(str(stop) or 'interrupted', INTERRUPTED)
    except BrokenPipeError:
        if not _unread():  # another pipe, of a process that has died
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
    except UserError as error:
        _leave(f'error: {error}', 2)
    except TypeError as error:
        message = refused(error)
        if message is None:
            raise
        _leave(f'error: {message}', 2)


@contextmanager
def _flushed() -> Iterator[None]:
    """Flush the output at the end, while a closed pipe can still be handled."""
    try:
        yield
    finally:
        sys.stdout.flush()


def _leave(message: str, status: int) -> NoReturn:
    sys.stderr.write(f'\n{message}\n')
    sys.exit(status)


def _unread() -> bool:
    """Tell whether standard output is a pipe whose reader has gone."""
    if not hasattr(select, 'poll'):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
