"""Files named on the command line are checked before any slow import.

This file imports only the standard library.
"""

from __future__ import annotations

import difflib
import glob
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError, did_you_mean

# Files that a training writes, and nothing else is taken for one.
OF_A_RUN = re.compile(
    r'(?:(?:best_.+_)?(?:epoch|iter)_\d+|interrupted)\.pth|last_checkpoint'
)
WEIGHTS = ('.pth', '.pt', '.safetensors', '.bin', '.ckpt', '.tar')


def check_weights(name: str) -> None:
    """Raise a UserError if a checkpoint is given by a path that does not exist.

    Names of published weights, URLs and names on hubs are looked up later.
    """
    path = Path(name).expanduser()
    is_path = '/' in name and ':' not in name and path.suffix in WEIGHTS
    if not is_path or path.is_file():
        return
    folder = path.parent
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=3)
    raise UserError(
        f'no checkpoint {name}: it is neither a file, nor a URL, nor the name of '
        f'published weights{did_you_mean(str(folder / each) for each in near)}'
    )


def check_resume(resume: str | None, work_dir: str | None) -> None:
    """Raise a UserError if there is nothing to resume from.

    Args:
        resume: `'auto'`, a path, or None.
        work_dir: Work folder of the run; None if it is not known yet.
    """
    if resume not in (None, 'auto') and not Path(resume).is_file():
        raise UserError(f'nothing to resume from: no file {resume}')
    if resume != 'auto' or work_dir is None:
        return
    if not any(path.suffix == '.pth' for path in run_in(work_dir)):
        raise UserError(
            f'nothing to resume from: {work_dir} has no checkpoint. Start '
            'without --resume, name the --work-dir of the run, or --resume CHECKPOINT'
        )


def check_work_dir(work_dir: str) -> None:
    """Raise a UserError if a work folder holds a run that would be overwritten."""
    run = list(run_in(work_dir))
    if not run:
        return
    newest = max(run, key=lambda path: path.lstat().st_mtime)
    beside = str(Path(work_dir)).rstrip('/')
    number = next(n for n in itertools.count(2) if not Path(f'{beside}_{n}').exists())
    raise UserError(
        f'{work_dir} holds a run already: {len(run)} files, the last one '
        f'{newest.name}. Choose:\n'
        '  --resume                 go on with it\n'
        f'  --work-dir {beside}_{number}    train beside it\n'
        '  --overwrite              remove it, and start anew'
    )


def run_in(work_dir: str | Path) -> Iterator[Path]:
    """Yield the checkpoints of a run and the file that names the last one."""
    folder = Path(work_dir)
    for path in folder.iterdir() if folder.is_dir() else ():
        if OF_A_RUN.fullmatch(path.name) and not path.is_dir():
            yield path


def check_input(name: str) -> None:
    """Raise a UserError unless the input is an existing path or a glob pattern."""
    if not Path(name).exists() and not glob.has_magic(name):
        raise UserError(
            f'no image, folder or video {name}; a pattern such as "images/*.jpg" is '
            'possible too'
        )


def check_out(name: str, overwrite: bool) -> None:
    """Raise a UserError if a folder may hold results that must not be overwritten."""
    folder = Path(name)
    if folder.exists() and not folder.is_dir():
        raise UserError(f'--out {folder} is a file; name a folder')
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise UserError(
            f'--out {folder} is not empty: it may hold earlier results. Name '
            'another folder, or replace them with --overwrite'
        )


def check_boxes(name: str) -> None:
    """Raise a UserError if the file of boxes does not exist."""
    if not Path(name).is_file():
        raise UserError(f'no file {name} for --boxes')
