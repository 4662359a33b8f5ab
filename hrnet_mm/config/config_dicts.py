"""Walking through the dicts of a config."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from mmengine.config import Config


def each_dict(node: Any) -> Iterator[dict]:
    """All dicts of a config, outer ones first."""
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list | tuple):
        for child in list(node.values() if isinstance(node, dict) else node):
            yield from each_dict(child)


def datasets_of(cfg: Any) -> Iterator[dict]:
    """Every data set's dict below a data loader's dict, wrappers opened."""
    if isinstance(cfg, dict):
        if cfg.keys() & {'ann_file', 'data_prefix', 'data_root'}:
            yield cfg
        children = [cfg[key] for key in ('dataset', 'datasets') if key in cfg]
    else:
        children = cfg if isinstance(cfg, list | tuple) else []
    for child in children:
        yield from datasets_of(child)


def move_data_root(cfg: Config, old: str | None, new: str | None) -> None:
    """Replace the data folder wherever the config has used its variable `data_root`."""
    if not old or not new or old == new:
        return

    def moved(value: Any) -> Any:
        if isinstance(value, str) and value.startswith(old):
            return os.path.join(new, value[len(old) :].lstrip('/'))
        return value

    for node in each_dict(cfg._cfg_dict):
        for key, value in list(node.items()):
            node[key] = moved(value)
