"""What the tools share: options, and a config made of them."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.device import get_device
from mmengine.utils import import_modules_from_strings

from ..checkpoints.guard import forbid_unpickling
from ..errors import UserError
from ..fast import LEVELS
from . import checks
from .config_dicts import move_data_root
from .pretrained import use_our_pretrained


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options with OpenMMLab's names."""
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--work-dir', help='where everything goes (default: work_dirs/CONFIG)'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, e.g. data_root=/data/coco/ train_cfg.max_epochs=1',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='who started several processes (see dist_train.sh, slurm_train.sh)',
    )
    parser.add_argument('--seed', type=int, help='seed of all random numbers')
    parser.add_argument(
        '--deterministic',
        action='store_true',
        help='equal runs for equal seeds, slower',
    )
    # Old launchers pass it; torchrun sets the variable.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def add_fast_option(parser: argparse.ArgumentParser) -> None:
    """The option that switches to `hrnet_mm.fast`."""
    parser.add_argument(
        '--fast',
        nargs='?',
        const=LEVELS[0],
        choices=LEVELS,
        help='equal numbers up to rounding, in less time and memory; --fast=max also '
        'compiles a kernel for the CPU, once per machine',
    )


# How mmcv and the file system say that an image cannot be read, also from a worker.
UNREADABLE = re.compile(
    r"(?:failed to load image: |No such file or directory: |cannot identify .*? )'?"
    r"([^'\n]+\.(?:jpe?g|png|bmp|tiff?|webp))",
    re.IGNORECASE,
)


@contextmanager
def user_errors() -> Iterator[None]:
    """Print what a user can mend as one message and leave with status 2.

    Around a whole tool: from here on no file is unpickled in this process.
    """
    forbid_unpickling()
    try:
        yield
    except UserError as error:
        message = str(error)
    except (AssertionError, OSError) as error:
        image = UNREADABLE.search(str(error))
        if image is None:
            raise
        message = (
            f'an image cannot be read: {image[1]}\n'
            'It is missing or damaged: replace it, or take it out of the annotations'
        )
    else:
        return
    sys.stderr.write(f'\nerror: {message}\n')
    sys.exit(2)


def read_config(name: str | Path, options: dict[str, Any] | None = None) -> Config:
    """Read a config, and change it as --cfg-options says.

    Raises:
        UserError: There is no such file, or its toolbox is not installed.
    """
    path = Path(name)
    if not path.is_file():
        near = difflib.get_close_matches(path.name, os.listdir(_folder(path)), n=3)
        hint = f'; did you mean {", ".join(near)}?' if near else ''
        raise UserError(f'no config file {path}{hint}')
    cfg = Config.fromfile(path)
    root = cfg.get('data_root')
    options = options or {}
    if options:
        cfg.merge_from_dict(options)
    if any(key.startswith('custom_imports') for key in options):
        import_modules_from_strings(**cfg.custom_imports)  # mmengine did, too early
    move_data_root(cfg, root, cfg.get('data_root'))
    use_our_pretrained(cfg)
    checks.check_toolbox(cfg)
    return cfg


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply the options that the tools for data sets have."""
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = read_config(args.config, args.cfg_options)
    cfg.launcher = args.launcher
    cfg.work_dir = (
        args.work_dir
        or cfg.get('work_dir')
        or str(Path('work_dirs') / Path(args.config).stem)
    )
    if args.seed is not None or args.deterministic:
        cfg.randomness = dict(seed=args.seed, deterministic=args.deterministic)
    checks.check_work_dir(cfg.work_dir)
    return cfg


def _folder(path: Path) -> Path:
    return path.parent if path.parent.is_dir() else Path()


def set_fast(cfg: Config, level: str | None) -> None:
    """Switch the model to `hrnet_mm.fast` when it is built; None leaves it."""
    if level is not None:
        hook = dict(type='hrnet_mm.FastHook', level=level)
        cfg.custom_hooks = [*cfg.get('custom_hooks', []), hook]


def set_amp(cfg: Config, amp: str | None) -> None:
    """Mixed precision: None, 'auto', 'fp16' or 'bf16'.

    Raises:
        UserError: fp16 without an accelerator.
    """
    if amp is None:
        return
    accelerated = get_device() != 'cpu'
    if amp == 'auto':
        amp = 'fp16' if accelerated else 'bf16'
    if amp == 'fp16' and not accelerated:
        raise UserError('--amp fp16 needs an accelerator; on a CPU use --amp bf16')
    wrapper = cfg.optim_wrapper
    wrapper.type = 'hrnet_mm.Bf16OptimWrapper' if amp == 'bf16' else 'AmpOptimWrapper'
    wrapper.pop('loss_scale', None)
    if amp == 'fp16':
        wrapper.loss_scale = 'dynamic'


def set_auto_scale_lr(cfg: Config, enable: bool | None) -> None:
    """Scale the learning rate or not; None leaves it to the config.

    Raises:
        UserError: It should be scaled, but the config does not say for which batch size
            it was chosen.
    """
    if enable is None:
        return
    if enable and 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
        raise UserError(
            '--auto-scale-lr: the config does not say for which batch its learning '
            'rate is; add auto_scale_lr = dict(base_batch_size=16) or whatever it is'
        )
    cfg.auto_scale_lr = dict(cfg.get('auto_scale_lr', {}), enable=enable)
