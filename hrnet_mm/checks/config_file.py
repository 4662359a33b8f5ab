"""A config that has been read is checked to be usable on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import tempfile
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..errors import UserError
from ..log import print_log
from ..nested_dicts import named_datasets
from ..toolboxes import toolbox_of

# Values of a config by the last part of their key, and what they may be.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(('train_dataloader', 'val_dataloader'), (dict,)),
    **dict.fromkeys(('test_dataloader', 'model'), (dict,)),
    **dict.fromkeys(('data_root', 'work_dir', 'default_scope'), (str,)),
    **dict.fromkeys(('train_cfg', 'val_cfg', 'test_cfg', 'env_cfg'), (dict,)),
    **dict.fromkeys(('optim_wrapper', 'default_hooks', 'randomness'), (dict,)),
    **dict.fromkeys(('metainfo', 'custom_imports', 'log_processor'), (dict,)),
    **dict.fromkeys(('data_prefix',), (dict, str)),
    **dict.fromkeys(('custom_hooks', 'pipeline'), (list, tuple)),
}
NAMES: dict[Any, str] = {dict: 'a dict', str: 'text', list: 'a list', tuple: 'a tuple'}


def model_is_there(cfg: Config) -> None:
    """Raise a UserError if a config has no model to build."""
    model = cfg.get('model')
    if not isinstance(model, dict):
        found = f', found {model!r}' if model is not None else ''
        raise UserError(
            f"{cfg.filename} has no model: expected is model = dict(type='...', ...), "
            f'there or in its _base_{found}'
        )


def values_have_their_kind(cfg: Config) -> None:
    """Raise a UserError if a value that every config has is of another kind.

    A wrong option of the command line would be met hours later, in some library.
    """
    given: dict[str, Any] = dict(cfg.items())
    for split in ('train', 'val', 'test'):
        loader = given.get(f'{split}_dataloader')
        for key, dataset in named_datasets(loader, f'{split}_dataloader'):
            given.update({f'{key}.{name}': dataset[name] for name in dataset})
    for key, value in given.items():
        kinds = KINDS.get(key.rpartition('.')[2])
        if kinds and value is not None and not isinstance(value, kinds):
            wanted = ' or '.join(NAMES[kind] for kind in kinds)
            raise UserError(
                f'{cfg.filename}: {key} is {str(value)[:60]!r}; expected is {wanted}'
            )
        steps = value if key.endswith('.pipeline') and value else ()
        odd = [step for step in steps if not isinstance(step, dict)]
        if odd:
            raise UserError(
                f'{cfg.filename}: {key} has the step {str(odd[0])[:60]!r}; expected is '
                "a dict such as dict(type='LoadImageFromFile')"
            )


def toolbox_can_be_imported(cfg: Config) -> None:
    """Import the toolbox of a config, which itself checks the versions it needs.

    Raises:
        UserError: The toolbox is not installed, or cannot be imported.
    """
    toolbox = toolbox_of(cfg)
    if toolbox is None:
        return
    if importlib.util.find_spec(toolbox.name) is None:
        commands = '\n  '.join(toolbox.commands)
        raise UserError(
            f'this config needs {toolbox.name}, which is not installed. Install it '
            f'with\n  {commands}\nor, which also mends what does not fit,\n'
            f'  hrnet doctor {toolbox.extra} --fix'
        )
    try:
        importlib.import_module(toolbox.name)
        importlib.import_module(f'{toolbox.name}.models')  # needs torchvision
    except (ImportError, AssertionError, RuntimeError) as error:
        said = str(error).strip().splitlines() or ['']
        raise UserError(
            f'this config needs {toolbox.name}, which cannot be imported here:\n'
            f'  {type(error).__name__}: {said[-1]}\nSee what mends it with\n'
            f'  hrnet doctor {toolbox.extra} --fix'
        ) from error


def splits_are_whole(cfg: Config) -> None:
    """Raise a UserError if a config has one part of a split's three, but not all."""
    third = dict(train='optim_wrapper', val='val_evaluator', test='test_evaluator')
    for split, last in third.items():
        names = [f'{split}_dataloader', f'{split}_cfg', last]
        there = [name for name in names if cfg.get(name) is not None]
        if not there or len(there) == len(names):
            continue
        missing = [name for name in names if name not in there]
        options = ' '.join(f'{name}=None' for name in names)
        raise UserError(
            f'{cfg.filename} has {" and ".join(there)}, but no '
            f'{" and ".join(missing)}. Give all three, or none:\n'
            f'  --cfg-options {options}'
        )


def work_dir_can_be_written(cfg: Config) -> None:
    """Create the work folder, or raise a UserError if it cannot be written to."""
    work_dir = cfg.work_dir
    try:
        Path(work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=work_dir).close()
    except OSError as error:
        raise UserError(
            f'cannot write to the work folder {work_dir}: {error.strerror}. '
            'Name another with --work-dir'
        ) from error


def steps_are_counted(cfg: Config) -> None:
    """Raise a UserError if a training cannot count its evaluations or its batch."""
    interval = (cfg.get('train_cfg') or {}).get('val_interval', 1)
    if not isinstance(interval, int) or interval < 1:
        raise UserError(
            f'train_cfg.val_interval is {interval!r}; expected is a whole number '
            'from 1 upwards. Without evaluations:  --cfg-options val_dataloader=None '
            'val_cfg=None val_evaluator=None'
        )
    scaling = cfg.get('auto_scale_lr') or {}
    if scaling.get('enable') and not scaling.get('base_batch_size'):
        raise UserError(
            'auto_scale_lr.enable is True, but not for which batch the learning rate '
            'is:  --cfg-options auto_scale_lr.base_batch_size=16'
        )


def schedule_is_as_long(cfg: Config) -> None:
    """Warn if a learning rate would rise again after the end of its cosine."""
    epochs = (cfg.get('train_cfg') or {}).get('max_epochs')
    schedulers = cfg.get('param_scheduler') or []
    listed = schedulers if isinstance(schedulers, list | tuple) else [schedulers]
    for place, each in enumerate(listed):
        length = each.get('T_max') if isinstance(each, dict) else None
        if not length or not epochs or not each.get('by_epoch', True) or 'end' in each:
            continue
        if epochs > each.get('begin', 0) + length:
            print_log(
                f'the learning rate is at its end after epoch {length} of {epochs} and '
                'rises again: for one descent, say  --cfg-options '
                f'param_scheduler.{place}.T_max={epochs}',
                logging.WARNING,
            )
