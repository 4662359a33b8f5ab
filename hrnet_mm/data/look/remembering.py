"""Facts about files are read in parallel, and remembered until a file changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

FEW = 2000  # files that are read before other processes would have started
CHUNK = 200  # files that a process gets at once


class Remembered:
    """A `Remembered` knows facts about files, and stores them beside the data.

    Args:
        read: Function of a module that takes the path of a file, as text, and returns
            values that JSON has. It must not fail.
        note: File in which the facts are kept. A read-only folder keeps none.
        title: Words for the line of progress.
    """

    def __init__(self, read: Callable[[str], Any], note: Path, title: str) -> None:
        self.read, self.note, self.title = read, note, title
        self.known: dict[str, list] = {}
        with suppress(OSError, ValueError):
            stored = json.loads(note.read_text())
            self.known = stored if isinstance(stored, dict) else {}

    def of(self, paths: Sequence[Path]) -> list[Any]:
        """Return the facts about files that are there, in the order of their paths."""
        # By names from the note's folder, since the data may be mounted elsewhere.
        names = [os.path.relpath(path, self.note.parent) for path in paths]
        stamps = {name: _stamp(path) for name, path in zip(names, paths, strict=True)}
        places = dict(zip(names, map(str, paths), strict=True))
        new = [name for name in stamps if not self._is_known(name, stamps[name])]
        facts = self._all([places[name] for name in new])
        for name, found in zip(new, facts, strict=True):
            self.known[name] = [stamps[name], found]
        if new:
            self._store()
        return [self.known[name][1] for name in names]

    def _is_known(self, name: str, stamp: list[int]) -> bool:
        entry = self.known.get(name)
        return isinstance(entry, list) and len(entry) == 2 and entry[0] == stamp

    def _all(self, paths: list[str]) -> Iterator[Any]:
        if len(paths) <= FEW:
            yield from map(self.read, paths)
            return
        # Imported late, since `hrnet doctor` imports this file with the toolboxes.
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        from rich.progress import track

        processes = min(os.cpu_count() or 1, 16)
        # Not a fork: torch's threads may hold locks.
        with ProcessPoolExecutor(processes, get_context('spawn')) as pool:
            facts = pool.map(self.read, paths, chunksize=CHUNK)
            yield from track(facts, self.title, total=len(paths), transient=True)

    def _store(self) -> None:
        """Write the note as a whole: another run may read it meanwhile."""
        part = self.note.with_name(f'{self.note.name}.{os.getpid()}')
        with suppress(OSError):
            part.write_text(json.dumps(self.known))
            os.replace(part, self.note)


def _stamp(path: Path) -> list[int]:
    """Return the size of a file in bytes and its time of change in nanoseconds."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def note_in(root: Path, paths: Sequence[Path], name: str) -> Path:
    """Return the path of a note in the folder of the data.

    Args:
        root: Folder of the data; if it is the current one, as without `data_root`, the
            note lies beside the first file.
        paths: Files of the data.
        name: Name of the note.
    """
    return (paths[0].parent if paths and root == Path() else root) / name
