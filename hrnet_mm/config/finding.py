"""A config's name leads to its file."""

from __future__ import annotations

import difflib
from pathlib import Path

from ..errors import UserError, did_you_mean

PACKAGE = Path(__file__).parents[1]
INSTALLED = PACKAGE / '.mim' / 'configs'  # setup.py copies the configs there
SUFFIXES = ('.py', '.yml', '.yaml', '.json')  # formats that mmengine reads


def config_folders() -> list[Path]:
    """Return the folders in which bare names are looked up, in order of precedence."""
    checkout = PACKAGE.parent
    # Beside an installed package, a folder `configs` belongs to something else.
    theirs = [checkout / 'configs'] if (checkout / 'model-index.yml').is_file() else []
    folders = [Path('configs'), *theirs, INSTALLED]
    return [folder for folder in folders if folder.is_dir()]


def find_config(name: str | Path) -> Path:
    """Return the file of a config, given by its path or its bare name.

    Args:
        name: A path, which takes precedence if the file exists, or a name with or
            without `.py` in `./configs`, in the checkout, or in the installed package.

    Raises:
        UserError: There is no such file; the message suggests similar names.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if len(path.parts) == 1:
        folders = config_folders()
        places = [folder / each for folder in folders for each in (path, f'{path}.py')]
        found = next((place for place in places if place.is_file()), None)
        if found:
            return found
    raise UserError(f'no config file {path}{_hint(path)}')


def _hint(path: Path) -> str:
    """Suggest similar names, beside the path and in the folders of configs."""
    beside = path.parent if path.parent.is_dir() else Path()
    files = [
        file for folder in (beside, *config_folders()) for file in folder.iterdir()
    ]
    names = sorted({file.name for file in files if file.suffix in SUFFIXES})
    wanted = path.name if path.suffix in SUFFIXES else f'{path.name}.py'
    near = difflib.get_close_matches(wanted, names, n=3)
    return did_you_mean(near)
