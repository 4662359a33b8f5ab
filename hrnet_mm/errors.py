"""An error that a user can fix says what was found and expected, and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def did_you_mean(near: Iterable[str]) -> str:
    """Return the end of a message that names similar words; empty if there are none."""
    words = ', '.join(map(str, near))
    return f'; did you mean {words}?' if words else ''


def first(names: Iterable[Any], most: int = 3) -> str:
    """Join the first names for a message, with the total count if there are more.

    >>> first('abcde')
    'a, b, c, ... (5 in all)'
    """
    listed = [str(name) for name in names]
    more = f', ... ({len(listed)} in all)' if len(listed) > most else ''
    return ', '.join(listed[:most]) + more if listed else 'nothing'


def one_line(error: Exception) -> str:
    """Return type and message of an error, without the line breaks of OpenCV's."""
    return ' '.join(' '.join(traceback.format_exception_only(error)).split())


def printable(text: str) -> str:
    r"""Return a text in which escapes stand for what no terminal should be sent.

    Names of files may have line breaks, control codes, and bytes that are no letters.

    >>> print(printable('a' + chr(10) + 'b'))
    a\nb
    """
    if text.isprintable():
        return text
    return ''.join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def place_of(error: Exception) -> str:
    """Return the file and the line of the code that has raised an error."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f'{Path(frame.f_code.co_filename).name}, line {line}'


class UserError(Exception):
    """The tools print this error as a short message, without a traceback."""

    def __str__(self) -> str:
        # A data-loading worker passes on its whole traceback as the message.
        name = f'{type(self).__module__}.{type(self).__qualname__}: '
        return super().__str__().rpartition(name)[2].rstrip('\n')


class Terminated(KeyboardInterrupt):
    """This interruption comes from SIGTERM, as of `kill`, a scheduler or a container.

    It is handled wherever an interruption by the keyboard is.
    """
