"""A config is read from its file and changed by options of the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from ..checks import moments
from ..errors import UserError
from ..nested_dicts import each_dict
from .finding import find_config
from .mistakes import import_custom, open_config


def key_values(items: Sequence[str] | None) -> dict[str, Any]:
    """Parse the values of --cfg-options as mmengine's own option does.

    Args:
        items: Strings KEY=VALUE; None if the option was not given.

    Raises:
        UserError: Brackets do not match.
    """
    parsed = argparse.Namespace()
    try:
        DictAction(['--cfg-options'], 'options')(None, parsed, items)
    except AssertionError as error:
        raise UserError(f'--cfg-options {" ".join(items or ())}: {error}') from error
    return parsed.options


def read_config(name: str | Path, options: dict[str, Any] | None = None) -> Config:
    """Read a config and apply --cfg-options.

    Args:
        name: Path or bare name of the config, as for `find_config`.
        options: Values by key, as from `key_values`.

    Raises:
        UserError: There is no such file, it cannot be used, it has no model, an option
            does not fit it, or its toolbox is not installed.
    """
    cfg = open_config(find_config(name))
    root = cfg.get('data_root')
    options = options or {}
    try:
        cfg.merge_from_dict(options)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        given = ' '.join(f'{key}={value}' for key, value in options.items())
        reason = error.args[0] if error.args else error
        raise UserError(f'--cfg-options {given}: {reason}') from error
    import_custom(cfg)
    move_data_root(cfg, root, cfg.get('data_root'))
    moments.config_read(cfg)
    return cfg


def move_data_root(cfg: Config, old: str | None, new: str | None) -> None:
    """Replace the data folder in all values of a config that begin with the old one."""
    if not old or not isinstance(new, str) or old == new:
        return
    folder = old.rstrip('/')

    def moved(value: Any) -> Any:
        if isinstance(value, str) and f'{value}/'.startswith(f'{folder}/'):
            return os.path.join(new, value[len(folder) :].lstrip('/'))
        return value

    for node in each_dict(cfg._cfg_dict):
        for key, value in list(node.items()):
            node[key] = moved(value)


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply the common options of training and testing."""
    cfg = read_config(args.config, key_values(args.cfg_options))
    cfg.launcher = args.launcher
    cfg.work_dir = (
        args.work_dir
        or cfg.get('work_dir')
        or str(Path('work_dirs') / Path(args.config).stem)
    )
    if args.seed is not None or args.deterministic:
        given = dict(seed=args.seed, deterministic=args.deterministic or None)
        given = {key: value for key, value in given.items() if value is not None}
        cfg.randomness = {'seed': None, **(cfg.get('randomness') or {}), **given}
    moments.run_named(cfg)
    return cfg
