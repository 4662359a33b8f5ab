"""Data set folders are written whole or not at all, and never over someone's files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MARKER = '.shapes.json'
_MADE_BY = 'hrnet_mm.datasets.make_shapes'  # as in data sets that exist already


def _count_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob('*') if path.name != MARKER)


def mark(folder: Path, arguments: dict) -> None:
    """Record in `folder` that it is ours, with the arguments that made it."""
    record = {
        'made_by': _MADE_BY,
        'files': _count_files(folder),
        'made_with': arguments,
    }
    (folder / MARKER).write_text(json.dumps(record, indent=1) + '\n')


def _marker(folder: Path) -> dict:
    """Return what `mark` recorded in `folder`.

    Raises:
        FileExistsError: The folder is not one of ours.
    """
    try:
        record = json.loads((folder / MARKER).read_text())
        if record['made_by'] == _MADE_BY:
            return record
    except (OSError, ValueError, KeyError, TypeError):
        pass
    names = sorted(path.name for path in folder.iterdir())
    found = ', '.join(names[:3]) + (f' and {len(names) - 3} more' if names[3:] else '')
    raise FileExistsError(
        f'{folder} was not made by make_shapes; it holds {found}. '
        'Nothing was touched. Name a new or an empty folder.'
    )


def is_complete(out: Path, arguments: dict, overwrite: bool) -> bool:
    """Tell whether `out` already holds what `arguments` make; else it may be written.

    Raises:
        FileExistsError: Something else is there; the message says what.
    """
    if not out.exists():
        return False
    if not out.is_dir():
        raise FileExistsError(f'{out} is a file. Name a new or an empty folder.')
    if not any(out.iterdir()):
        return False
    marker, files = _marker(out), _count_files(out)
    if marker['made_with'] == arguments and files >= marker['files']:
        return True
    if files > marker['files']:
        raise FileExistsError(
            f'{out} holds {files} files, but make_shapes wrote {marker["files"]}. '
            'Nothing was touched. Move the others away, or name another folder.'
        )
    if overwrite:
        return False
    found = ', '.join(f'{key} {value}' for key, value in marker['made_with'].items())
    raise FileExistsError(
        f'{out} holds a data set made with other arguments, or a part of one: {found}. '
        'Nothing was touched. Add --overwrite (in Python overwrite=True) to replace '
        'it, or name another folder.'
    )


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `out` once the block succeeds.

    It lies beside `out`, on the same disk, and is removed if the block fails.

    Raises:
        OSError: Nothing can be written there.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = TemporaryDirectory(
            prefix=f'.{out.name}-', dir=out.parent, ignore_cleanup_errors=True
        )
    except OSError as error:
        raise OSError(
            f'cannot write to {out.parent}: {error.strerror}. '
            'Name a folder in a place that you may write to.'
        ) from error
    with beside as temporary:
        new = Path(temporary, 'new')
        new.mkdir()
        yield new
        if out.exists():
            out.rename(Path(temporary, 'old'))
        new.rename(out)
