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


def named_datasets(node: Any, key: str = '') -> Iterator[tuple[str, dict]]:
    """Yield the key and the dict of every data set, also inside wrappers.

    Args:
        node: Config of a data loader, of a data set, or a list of these.
        key: Key of `node` in the config.
    """
    children: list[tuple[str, Any]] = []
    if isinstance(node, dict):
        if node.keys() & {'ann_file', 'data_prefix', 'data_root'}:
            yield key, node
        names = [name for name in ('dataset', 'datasets') if name in node]
        children = [(f'{key}.{name}', node[name]) for name in names]
    elif isinstance(node, list | tuple):
        children = [(f'{key}.{count}', child) for count, child in enumerate(node)]
    for place, child in children:
        yield from named_datasets(child, place)


def datasets_of(node: Any) -> Iterator[dict]:
    """Yield the dict of every data set in a data loader's, also inside wrappers."""
    return (dataset for _, dataset in named_datasets(node))


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
