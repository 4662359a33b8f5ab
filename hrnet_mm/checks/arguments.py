"""Files named on the command line are checked before any slow import.

This file imports only the standard library.
"""

from __future__ import annotations

import difflib
import glob
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import UserError, did_you_mean

# Files that a training writes, and nothing else is taken for one.
OF_A_RUN = re.compile(
    r'(?:(?:best_.+_)?(?:epoch|iter)_\d+|interrupted)\.pth|last_checkpoint'
)
LAST = 'last_checkpoint'  # the file that names the last checkpoint
WEIGHTS = ('.pth', '.pt', '.safetensors', '.bin', '.ckpt', '.tar')
INPUTS = 'name an image, a folder of images, a "pattern" or a video'
# What a prediction writes beside pictures.
RESULTS, IMAGES, LABELS = 'results.json', 'images.json', 'labels'


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
        resume: `'last'`, `'auto'`, which starts anew where nothing is, a path, or
            None.
        work_dir: Work folder of the run; None if it is not known yet.
    """
    if resume not in (None, 'auto', 'last') and not Path(resume).is_file():
        raise UserError(f'nothing to resume from: no file {resume}')
    if resume != 'last' or work_dir is None:
        return
    found = any(path.suffix == '.pth' for path in run_in(work_dir))
    if not found and named_last(Path(work_dir)) is None:
        raise UserError(
            f'nothing to resume from: {work_dir} has no checkpoint. Start without '
            '--resume, or by --resume auto; name the --work-dir of the run, or '
            '--resume CHECKPOINT'
        )


def named_last(work_dir: Path) -> Path | None:
    """Return the checkpoint that the file `last_checkpoint` names, if it is there.

    It is named relative to the folder, so that a folder may be moved. Older files have
    a path, which may lead elsewhere by now: then its name counts.
    """
    try:
        text = (work_dir / LAST).read_text().strip()
        # An absolute path stays what it is.
        places = [work_dir / text, work_dir / Path(text).name]
        return next((place for place in places if place.is_file()), None)
    except (OSError, ValueError):  # it is damaged: no UTF-8, zeros, a name too long
        return None


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
    path = Path(name)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, 'strerror', None) or error
        raise UserError(f'no image, folder or video {name}: {reason}') from error
    if there and not path.is_file() and not path.is_dir():
        raise UserError(f'{name} is a pipe or a device; {INPUTS}')
    if not there and path.is_symlink():
        raise UserError(f'{name} is a link that leads nowhere; {INPUTS}')
    if not there and not glob.has_magic(name):
        raise UserError(
            f'no image, folder or video {name}; a pattern such as "images/*.jpg" is '
            'possible too'
        )


def check_out(name: str, overwrite: bool) -> None:
    """Raise a UserError if a folder may hold results that must not be overwritten.

    Nor may what is written in it lead elsewhere.
    """
    folder = Path(name)
    try:
        above = [path for path in (folder, *folder.parents) if path.exists()]
        listed = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise UserError(f'--out {name} cannot be used: {reason}') from error
    if folder.is_symlink() and not folder.exists():
        raise UserError(f'--out {folder} is a link that leads nowhere; name a folder')
    if not above[0].is_dir():
        raise UserError(f'--out {name}: {above[0]} is a file; name a folder')
    if not overwrite and listed:
        raise UserError(
            f'--out {folder} is not empty: it may hold earlier results. Name '
            'another folder, or replace them with --overwrite'
        )
    labels = folder / LABELS
    if labels.is_symlink() or (labels.exists() and not labels.is_dir()):
        kind = 'a link' if labels.is_symlink() else 'no folder'
        raise UserError(
            f'{labels} is {kind}, but label maps may be written there. Remove it, or '
            'name another folder as --out'
        )
    folders = [path for path in files_of_results(folder) if path.is_dir()]
    if folders:
        raise UserError(
            f'{folders[0]} is a folder, but a file is written there. Remove it, or '
            'name another folder as --out'
        )


def files_of_results(folder: Path) -> tuple[Path, Path]:
    """Return the paths of the lists of results and of images."""
    return folder / RESULTS, folder / IMAGES


def check_apart(name: str, paths: Sequence[Path]) -> None:
    """Raise a UserError if the output's folder holds images of the input.

    Args:
        name: The folder, which need not exist. Links and `..` may lead to it.
        paths: Files of the input.
    """
    folder = Path(name)
    ours = {_identity(each) for each in (folder, folder / LABELS)} - {None}
    if not ours:
        return
    links = [path.resolve().parent for path in paths if path.is_symlink()]
    if ours & set(map(_identity, {*links, *(path.parent for path in paths)})):
        raise UserError(
            f'--out {folder} holds the images themselves, which would be '
            'overwritten: name another folder'
        )


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from others, whatever its path; None without one."""
    try:
        stat = folder.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def check_boxes(name: str) -> None:
    """Raise a UserError if the file of boxes does not exist."""
    if not Path(name).is_file():
        raise UserError(f'no file {name} for --boxes')
