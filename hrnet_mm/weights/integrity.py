"""Whether a file is what it should be: whole, and of the right SHA-256.

The hash of a large file takes seconds. What has been found is noted beside the file, in
`NAME.sha256`, and holds as long as the file has the same size and time.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from .reading import damage

CHUNK = 1 << 20  # bytes


def fault(path: Path, digest: str) -> str:
    """Say what is wrong with a file; empty for a good one.

    Args:
        path: The file.
        digest: First digits of its SHA-256; empty if they are not known.
    """
    flaw = damage(path)
    if flaw or not digest:
        return flaw
    digits = sha256_of(path)[: len(digest)]
    return '' if digits == digest else f'has the hash {digits} in place of {digest}'


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in 64 digits, from the note where that still holds."""
    noted = note_of(path).read_text().split() if note_of(path).is_file() else []
    if noted[1:] == stamp(path):
        return noted[0]
    found = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(CHUNK):
            found.update(block)
    return found.hexdigest()


def remember(path: Path) -> None:
    """Note the hash of a file that is good; a folder without the right is no error."""
    with suppress(OSError):
        note_of(path).write_text(' '.join([sha256_of(path), *stamp(path)]))


def note_of(path: Path) -> Path:
    """Return where the hash of a file is noted."""
    return path.with_name(f'{path.name}.sha256')


def stamp(path: Path) -> list[str]:
    """Return what changes when a file is written: bytes, and nanoseconds."""
    stat = path.stat()
    return [str(stat.st_size), str(stat.st_mtime_ns)]
