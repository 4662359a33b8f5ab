"""What can be known to go wrong before an hour of training has passed."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import nn
from torch.utils.data import Dataset

from ..errors import UserError

EXTRAS = {'mmdet': 'det', 'mmseg': 'seg', 'mmpose': 'pose', 'mmpretrain': 'cls'}
LAYOUTS = {'CocoDataset': 'coco', 'CityscapesDataset': 'cityscapes'}
# Heads whose num_classes is not that of the data set.
CLASS_AGNOSTIC = ('RPN', 'FusedSemanticHead')


def check_toolbox(cfg: Config) -> None:
    """The toolbox that the config is for must be installed."""
    scope = cfg.get('default_scope')
    if scope in EXTRAS and importlib.util.find_spec(scope) is None:
        raise UserError(
            f'this config needs {scope}, which is not installed. Install the pinned '
            'stack with tools/setup_env.sh, or '
            f"pip install 'hrnet_mm[{EXTRAS[scope]}]'"
        )


def check_work_dir(work_dir: str) -> None:
    """The work folder must be writable; it is created."""
    try:
        Path(work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=work_dir).close()
    except OSError as error:
        raise UserError(
            f'cannot write to the work folder {work_dir}: {error.strerror}. '
            'Name another with --work-dir'
        ) from error


def check_resume(resume: str | None, work_dir: str) -> None:
    """There must be something to resume from: `resume` is 'auto' or a path."""
    if resume == 'auto' and not (Path(work_dir) / 'last_checkpoint').is_file():
        raise UserError(
            f'nothing to resume from: {work_dir} has no file last_checkpoint. Start '
            'without --resume, name the --work-dir of the run, or --resume CHECKPOINT'
        )
    if resume not in (None, 'auto') and not Path(resume).is_file():
        raise UserError(f'nothing to resume from: no file {resume}')


def datasets_of(cfg: Any) -> Iterator[dict]:
    """Every data set's dict below a data loader's dict, wrappers opened."""
    if isinstance(cfg, dict):
        if 'ann_file' in cfg or 'data_prefix' in cfg:
            yield cfg
        children = [cfg[key] for key in ('dataset', 'datasets') if key in cfg]
    else:
        children = cfg if isinstance(cfg, list | tuple) else []
    for child in children:
        yield from datasets_of(child)


def check_data(cfg: Config, splits: list[str]) -> None:
    """Annotation files and image folders must be where the config says.

    Args:
        cfg: The whole config.
        splits: Of `'train'`, `'val'` and `'test'`, those that will be read.
    """
    for split in splits:
        for dataset in datasets_of(cfg.get(f'{split}_dataloader')):
            root = Path(dataset.get('data_root') or '')
            places = [dataset.get('ann_file') or '']
            places += [p for p in dict(dataset.get('data_prefix') or {}).values() if p]
            for place in filter(None, places):
                if '://' not in str(place) and not (root / place).exists():
                    raise UserError(_missing(split, root, root / place, dataset))


def _missing(split: str, root: Path, path: Path, dataset: dict) -> str:
    kind = str(dataset.get('type')).rsplit('.', 1)[-1]
    what = 'annotation file' if path.suffix == '.json' else 'folder'
    remedies = [f'your data elsewhere:  --cfg-options data_root=/path/to/{root.name}/']
    if kind in LAYOUTS:
        remedies.append(
            'a small made data set: '
            f'python tools/make_shapes.py {root} --layout {LAYOUTS[kind]}'
        )
    return f'the {split} data has no {what} {path}\n  ' + '\n  '.join(remedies)


def check_dataset(dataset: Dataset, cfg: dict, images: int) -> None:
    """A data set must have images, with annotations of its own classes."""
    cat_ids = getattr(dataset, 'cat_ids', None)
    classes = getattr(dataset, 'metainfo', {}).get('classes')
    if classes and cat_ids is not None and not cat_ids:
        content = json.loads(Path(dataset.ann_file).read_text())
        names = [category['name'] for category in content['categories']]
        raise UserError(
            f"no category of {cfg.get('ann_file')} is among the data set's classes.\n"
            f'  found in the file: {_shortened(names)}\n'
            f'  expected some of:  {_shortened(classes)}\n'
            "Give the data set metainfo=dict(classes=('first', 'second', ...)) with "
            "the file's names, and the heads num_classes of that length"
        )
    if images == 0:
        raise UserError(
            f'the data set of {cfg.get("ann_file")} is empty: no image has an '
            'annotation of its classes (see filter_cfg), or no file has its suffixes'
        )


def _shortened(names: Any, most: int = 8) -> str:
    names = list(names)
    return ', '.join(names[:most]) + (
        f', ... ({len(names)})' if len(names) > most else ''
    )


def check_classes(model: nn.Module, dataset: Dataset) -> None:
    """Heads must have as many classes as the data set."""
    classes = getattr(dataset, 'metainfo', {}).get('classes')
    if not classes:
        return
    for name, module in model.named_modules():
        own = getattr(module, 'num_classes', None)
        agnostic = any(word in type(module).__name__ for word in CLASS_AGNOSTIC)
        if not name or agnostic or not isinstance(own, int) or own == len(classes):
            continue
        raise UserError(
            f'model.{name}.num_classes is {own}, but the data set has {len(classes)} '
            f'classes: {_shortened(classes)}.\n'
            f'Set num_classes={len(classes)} there, or metainfo=dict(classes=...) in '
            'every data set'
        )


def check_channels(model: nn.Module) -> None:
    """Backbone, neck and heads must agree on their channels, where they tell them."""
    backbone, neck = getattr(model, 'backbone', None), getattr(model, 'neck', None)
    given, taken = getattr(backbone, 'out_channels', None), _in_channels(neck)
    if isinstance(given, tuple) and taken and tuple(taken) != given:
        raise UserError(
            f'the backbone puts out {given} channels, the neck takes {tuple(taken)}. '
            'Give both the same arch (and the backbone multiscale_output=True)'
        )
    made = getattr(neck, 'out_channels', None)
    for name, module in model.named_modules():
        needed = _in_channels(module)
        if not name.endswith(('rpn_head', 'bbox_head')) or not isinstance(needed, int):
            continue
        if isinstance(made, int) and needed != made:
            raise UserError(
                f'the neck puts out {made} channels, model.{name} takes {needed}. '
                f'Set in_channels={made} there, or out_channels={needed} in the neck'
            )


def _in_channels(module: nn.Module | None) -> Any:
    return getattr(module, 'in_channels', None)
