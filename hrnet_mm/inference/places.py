"""What must hold of the named files before anything is imported or built."""

from __future__ import annotations

import glob
from pathlib import Path

from ..errors import UserError


def check_input(name: str) -> None:
    """Raise a UserError where the images are neither a path nor a pattern."""
    if not Path(name).exists() and not glob.has_magic(name):
        raise UserError(
            f'no image, folder or video {name}; a pattern such as "images/*.jpg" is '
            'possible too'
        )


def check_out(name: str, overwrite: bool) -> None:
    """Raise a UserError where a folder may hold results that shall stay."""
    folder = Path(name)
    if folder.exists() and not folder.is_dir():
        raise UserError(f'--out {folder} is a file; name a folder')
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise UserError(
            f'--out {folder} is not empty: it may hold earlier results. Name '
            'another folder, or replace them with --overwrite'
        )


def check_boxes(name: str) -> None:
    """Raise a UserError where there is no such file."""
    if not Path(name).is_file():
        raise UserError(f'no file {name} for --boxes')
