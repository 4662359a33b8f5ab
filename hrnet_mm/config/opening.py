"""A config read from its file, and changed as the command line says."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from ..environment.packages import TOOLBOXES
from ..errors import UserError
from .config_dicts import move_data_root
from .finding import find_config
from .initial_weights import use_our_pretrained
from .mistakes import check_model, import_custom, open_config


def key_values(items: Sequence[str] | None) -> dict[str, Any]:
    """Return the values of --cfg-options, as mmengine's own option reads them.

    Args:
        items: Texts KEY=VALUE; None where the option was not given.

    Raises:
        UserError: Brackets do not match.
    """
    parsed = argparse.Namespace()
    try:
        DictAction(['--cfg-options'], 'options')(None, parsed, items)
    except AssertionError as error:
        raise UserError(f'--cfg-options {" ".join(items)}: {error}') from error
    return parsed.options


def read_config(name: str | Path, options: dict[str, Any] | None = None) -> Config:
    """Read a config, and change it as --cfg-options says.

    Raises:
        UserError: There is no such file, it cannot be used, it has no model, or its
            toolbox is not installed.
    """
    cfg = open_config(find_config(name))
    root = cfg.get('data_root')
    options = options or {}
    if options:
        cfg.merge_from_dict(options)
    import_custom(cfg)
    check_model(cfg)
    move_data_root(cfg, root, cfg.get('data_root'))
    use_our_pretrained(cfg)
    check_toolbox(cfg)
    return cfg


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply the options that the tools for data sets have."""
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = read_config(args.config, key_values(args.cfg_options))
    cfg.launcher = args.launcher
    cfg.work_dir = (
        args.work_dir
        or cfg.get('work_dir')
        or str(Path('work_dirs') / Path(args.config).stem)
    )
    if args.seed is not None or args.deterministic:
        cfg.randomness = dict(seed=args.seed, deterministic=args.deterministic)
    check_work_dir(cfg.work_dir)
    return cfg


def check_toolbox(cfg: Config) -> None:
    """Import the toolbox that the config is for: it says what does not fit to it.

    Raises:
        UserError: It is not installed, or cannot be imported.
    """
    toolbox = TOOLBOXES.get(cfg.get('default_scope'))
    if toolbox is None:
        return
    if importlib.util.find_spec(toolbox.module) is None:
        commands = '\n  '.join(toolbox.commands)
        raise UserError(
            f'this config needs {toolbox.module}, which is not installed. Install it '
            f'with\n  {commands}\nor, which also mends what does not fit,\n'
            f'  hrnet doctor {toolbox.extra} --fix'
        )
    try:
        importlib.import_module(toolbox.module)
        importlib.import_module(f'{toolbox.module}.models')  # needs torchvision
    except (ImportError, AssertionError, RuntimeError) as error:
        said = str(error).strip().splitlines() or ['']
        raise UserError(
            f'this config needs {toolbox.module}, which cannot be imported here:\n'
            f'  {type(error).__name__}: {said[-1]}\nSee what mends it with\n'
            f'  hrnet doctor {toolbox.extra} --fix'
        ) from error


def check_work_dir(work_dir: str) -> None:
    """Create the work folder, or raise a UserError where it cannot be written."""
    try:
        Path(work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=work_dir).close()
    except OSError as error:
        raise UserError(
            f'cannot write to the work folder {work_dir}: {error.strerror}. '
            'Name another with --work-dir'
        ) from error
