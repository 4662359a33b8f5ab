"""A downloaded file is checked for being whole and for having the right SHA-256.

Hashing a large file takes seconds. The result is stored beside the file in
`NAME.sha256` and stays valid as long as the file's size and modification time are the
same.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from .reading import damage

CHUNK = 1 << 20  # bytes


def fault(path: Path, digest: str) -> str:
    """Describe what is wrong with a file, or return an empty string if it is intact.

    Args:
        path: The file to check.
        digest: First digits of its SHA-256; empty if they are not known.
    """
    flaw = damage(path)
    if flaw or not digest:
        return flaw
    digits = sha256_of(path)[: len(digest)]
    return '' if digits == digest else f'has the hash {digits} in place of {digest}'


def sha256_of(path: Path) -> str:
    """Return the 64 digits of a file's SHA-256, stored ones if they are still valid.

    New ones are stored, unless the folder is read-only.
    """
    noted = note_of(path).read_text().split() if note_of(path).is_file() else []
    if noted[1:] == stamp(path):
        return noted[0]
    found = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(CHUNK):
            found.update(block)
    digits = found.hexdigest()
    with suppress(OSError):
        note_of(path).write_text(' '.join([digits, *stamp(path)]))
    return digits


def note_of(path: Path) -> Path:
    """Return the path of the file that stores the hash of another file."""
    return path.with_name(f'{path.name}.sha256')


def stamp(path: Path) -> list[str]:
    """Return a file's size in bytes and its modification time in nanoseconds."""
    stat = path.stat()
    return [str(stat.st_size), str(stat.st_mtime_ns)]
