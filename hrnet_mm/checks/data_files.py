"""What can be known to go wrong before an hour of training has passed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

from ..config.config_dicts import datasets_of
from ..errors import UserError
from .class_folders import check_class_folders
from .key_points import check_pose_files

# What `hrnet shapes` can make, by toolbox and data set class.
LAYOUTS = {
    ('mmdet', 'CocoDataset'): 'coco',
    ('mmpose', 'CocoDataset'): 'coco-pose',
    ('mmseg', 'CityscapesDataset'): 'cityscapes',
}
# What a data folder is known by.
SIGNS = {
    'annotations/instances_*.json': 'COCO boxes and masks (mmdet)',
    'annotations/person_keypoints_*.json': 'COCO key points (mmpose)',
    'leftImg8bit': 'Cityscapes (mmseg)',
}


def check_data(cfg: Config, splits: list[str]) -> None:
    """Annotation files and image folders must be where the config says.

    Args:
        cfg: The whole config.
        splits: Of `'train'`, `'val'` and `'test'`, those that will be read.
    """
    for split in splits:
        for dataset in datasets_of(cfg.get(f'{split}_dataloader')):
            for path in _places(dataset):
                if not path.exists():
                    raise UserError(_missing(cfg, split, path, dataset))
            if cfg.get('default_scope') == 'mmpose':
                check_pose_files(dataset)
            if cfg.get('default_scope') == 'mmpretrain':
                check_class_folders(dataset)


def _places(dataset: dict) -> Iterator[Path]:
    """Each file and folder that a data set reads, outer ones first."""
    root = Path(dataset.get('data_root') or '')
    inside = [dataset.get('ann_file')]
    inside += dict(dataset.get('data_prefix') or {}).values()
    inside = [str(place) for place in inside if place]
    yield from (root / place for place in inside or [''] if '://' not in place)


def _missing(cfg: Config, split: str, path: Path, dataset: dict) -> str:
    root = Path(dataset.get('data_root') or '')
    kind = str(dataset.get('type')).rsplit('.', 1)[-1]
    what = 'file' if path.suffix else 'folder'
    lines = [f'the {split} data has no {what} {path}']
    found = [name for sign, name in SIGNS.items() if any(root.glob(sign))]
    if found:
        reads = f'{kind} of {cfg.get("default_scope")}'
        lines.append(f'{root} holds {" and ".join(found)}; this config reads {reads}')
    elsewhere = shlex.quote(f'data_root=/path/to/{root.name}/')
    lines.append(f'your data elsewhere:  --cfg-options {elsewhere}')
    layout = LAYOUTS.get((cfg.get('default_scope'), kind))
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
