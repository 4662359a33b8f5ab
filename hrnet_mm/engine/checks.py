"""What can be known to go wrong before an hour of training has passed."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..errors import UserError

EXTRAS = {'mmdet': 'det', 'mmseg': 'seg', 'mmpose': 'pose', 'mmpretrain': 'cls'}
LAYOUTS = {'CocoDataset': 'coco', 'CityscapesDataset': 'cityscapes'}


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
