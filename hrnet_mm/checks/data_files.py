"""Data files are checked to exist and to hold what the config's toolbox reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

from ..errors import UserError
from ..shelves import short_name
from ..toolboxes import TOOLBOXES, toolbox_of
from ..toolboxes.toolbox import folder_of


def files_are_there(cfg: Config, split: str, dataset: dict) -> None:
    """Check that annotation files and image folders exist where the config says.

    Args:
        cfg: Whole config.
        split: `'train'`, `'val'` or `'test'`.
        dataset: Dict of one data set in the config.

    Raises:
        UserError: A file or folder is missing; the message suggests what to do.
    """
    for path in _places(dataset):
        if not _is_there(path):
            raise UserError(_missing(cfg, split, path, dataset))


def files_can_be_used(cfg: Config, split: str, dataset: dict) -> None:
    """Check that files hold what the toolbox reads, see `Toolbox.check_files`."""
    toolbox = toolbox_of(cfg)
    if toolbox is not None:
        toolbox.check_files(dataset)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _places(dataset: dict) -> Iterator[Path]:
    """Yield each file and folder that a data set reads, the annotation file first."""
    root = folder_of(dataset)
    inside = [dataset.get('ann_file')]
    prefix = dataset.get('data_prefix') or ''
    inside += [prefix] if isinstance(prefix, str) else prefix.values()
    named = [str(place) for place in inside if place]
    yield from (root / place for place in named or [''] if '://' not in place)


def _missing(cfg: Config, split: str, path: Path, dataset: dict) -> str:
    root = folder_of(dataset)
    kind = short_name(dataset.get('type'))
    what = 'file' if path.suffix else 'folder'
    lines = [f'the {split} data has no {what} {path}']
    signs = filter(None, (toolbox.sign for toolbox in TOOLBOXES.values()))
    found = [name for pattern, name in signs if any(root.glob(pattern))]
    if found:
        reads = f'{kind} of {cfg.get("default_scope")}'
        lines.append(f'{root} holds {" and ".join(found)}; this config reads {reads}')
    elsewhere = shlex.quote(f'data_root=/path/to/{root.name}/')
    lines.append(f'your data elsewhere:  --cfg-options {elsewhere}')
    toolbox = toolbox_of(cfg)
    layout = toolbox.layouts.get(kind) if toolbox else None
    if 'stuffthingmaps' in path.parts:
        lines.append(
            'the label maps of COCO-Stuff: stuffthingmaps_trainval2017.zip, unpacked '
            f'to {root / "stuffthingmaps"}'
        )
    elif layout:
        lines.append(
            'a small made data set:  '
            f'hrnet shapes {shlex.quote(str(root))} --layout {layout}'
        )
    return '\n  '.join(lines)
