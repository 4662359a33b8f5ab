"""The nested dicts of a config are searched without importing mmengine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import UserError


def each_dict(node: Any) -> Iterator[dict]:
    """Yield all dicts in a config, outer ones first."""
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list | tuple):
        for child in list(node.values() if isinstance(node, dict) else node):
            yield from each_dict(child)


def datasets_of(node: Any) -> Iterator[dict]:
    """Yield the dict of every data set in a data loader's, also inside wrappers."""
    if isinstance(node, dict):
        if node.keys() & {'ann_file', 'data_prefix', 'data_root'}:
            yield node
        children = [node[key] for key in ('dataset', 'datasets') if key in node]
    else:
        children = list(node) if isinstance(node, list | tuple) else []
    for child in children:
        yield from datasets_of(child)


def first_pipeline(node: Any) -> list[dict]:
    """Return the first pipeline in a data loader's config; empty if there is none."""
    pipelines: Iterator[list[dict] | None] = (
        found.get('pipeline') for found in each_dict(node)
    )
    return next(filter(None, pipelines), [])


def first_value(node: Any, key: str, default: Any = None) -> Any:
    """Return the first value of a key anywhere below a node of a config.

    Raises:
        UserError: The key is not there and no default is given.
    """
    for found in each_dict(node):
        if key in found:
            return found[key]
    if default is None:
        raise UserError(
            f'the config does not say its input size (no {key} in its pipelines): '
            'give --shape HEIGHT WIDTH'
        )
    return default
