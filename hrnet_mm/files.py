"""A file appears whole or not at all, whatever ends the process that writes it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)
# Names of files that are being written, as a pattern; nobody else gives such names.
UNDERWAY = f'.{"[0-9a-f]" * 16}.part*'


@contextmanager
def whole(path: str | Path, flush: bool = True) -> Iterator[Path]:
    """Give the path of a file to write, which takes the place of another at the end.

    A reader sees the old file or the new one. If the path is a link, the link is
    replaced, and what it leads to stays as it is.

    Args:
        path: File to make or to replace.
        flush: True if it must survive a loss of power, too. That takes milliseconds.

    Raises:
        UserError: The disk is full. An older file of that name stays.
    """
    path = Path(path)
    part = underway(path)
    try:
        with suppress(FileNotFoundError):
            part.unlink()  # of a process that was killed, or a link that waits here
        yield part
        if flush:
            _flush(part)
        os.replace(part, path)
        if flush:
            _flush(path.parent)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UserError(full_disk(path)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def underway(path: Path) -> Path:
    """Return the path under which a file is written before it gets its own name."""
    # A name as long as the file system allows has no room for more letters.
    short = hashlib.sha256(path.name.encode(errors='surrogateescape')).hexdigest()[:16]
    return path.with_name(f'.{short}.part{path.suffix[:9]}')


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all, as `whole` does."""
    with whole(path) as part:
        part.write_text(text)


def full_disk(path: Path) -> str:
    """Say that a file could not be written, since its disk is full."""
    folder = next(each for each in (path.parent, *path.absolute().parents) if each)
    free = ''
    with suppress(OSError):
        free = f' ({shutil.disk_usage(folder).free / 1e6:.0f} MB are free)'
    return (
        f'{path} could not be written: the disk is full{free}. What was there before '
        f'is still there. Make room on the disk of {folder}'
    )


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    with suppress(PermissionError):  # Windows opens no folders
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
