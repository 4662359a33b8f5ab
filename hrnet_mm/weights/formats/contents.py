"""The tensors of a network are found wherever in a file trainers put them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from ...errors import UserError, first
from .form import Tensors

# Keys under which trainers store tensors; averaged and best weights come first.
NESTS: tuple[str, ...] = ('state_dict_ema', 'model_ema', 'ema', 'best_state_dict')
NESTS += ('state_dict', 'model_state_dict', 'model_state', 'model', 'network')
# Wrappers around a model in training prefix its names.
WRAPPERS = r'(?:module\.|model\.)*'
COMPILED = '_orig_mod.'
# Anything may stand in front of an HRNet: `encoder.model.`, `net.`, `student.`.
HRNET = re.compile(
    r'((?:[^.]+\.)*?)(?:backbone\.(?:body\.)?)?stage4\.0\.branches\.0\.0\.conv1\.weight'
)
# Losses, image normalization, averaged weights and their counters, profilers' counts.
STRAY = re.compile(
    r'loss\.|data_preprocessor\.|ema_|(?:steps|n_averaged|(?:.*\.)?total_(?:ops|params))$'
)


def tensors_in(checkpoint: Mapping[str, Any]) -> Tensors:
    """Return the tensors of a checkpoint by name.

    Raises:
        UserError: The checkpoint has no tensors.
    """
    found = _nested(checkpoint, {})
    if not found:
        raise UserError(
            f'the checkpoint has no tensors; it has {first(checkpoint)}. Expected '
            f'tensors by name, or such a dict under one of {", ".join(NESTS)}'
        )
    return {name.replace(COMPILED, ''): x.detach() for name, x in found.items()}


def _nested(content: Any, seen: dict[int, Tensors]) -> Tensors:
    """Return the tensors under a known key, or at the top level, preferring an HRNet.

    A key may hold no tensors: trainers also store a name under `model`, and objects
    under `ema`.

    Args:
        content: Anything in a checkpoint.
        seen: What dicts hold that have been looked at; several keys may have the same.
    """
    if not isinstance(content, Mapping):
        return {}
    if id(content) not in seen:
        seen[id(content)] = {}  # as long as it is not known, for a dict in itself
        nests = [_nested(content.get(key), seen) for key in NESTS]
        networks = (tensors for tensors in nests if tensors and has_hrnet(tensors))
        found = next(networks, None) or next(filter(None, nests), None)
        plain = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
        seen[id(content)] = found or plain
    return seen[id(content)]


def without_values(tensors: Tensors) -> list[str]:
    """Return the names of tensors that a model cannot take values from."""
    return [name for name, x in tensors.items() if not _is_plain(x)]


def _is_plain(tensor: Tensor) -> bool:
    strided = tensor.layout is torch.strided
    return strided and not tensor.is_quantized and not tensor.is_meta


def not_finite(tensors: Tensors) -> list[str]:
    """Return the names of tensors with values that are NaN or infinite."""
    plain = {k: x for k, x in tensors.items() if _is_plain(x)}
    floating = {k: x for k, x in plain.items() if x.is_floating_point()}
    return [name for name, x in floating.items() if not x.isfinite().all()]


def has_hrnet(names: Iterable[str]) -> bool:
    """Tell whether tensors of these names include an HRNet."""
    return any(HRNET.fullmatch(name) for name in names)


def unwrapped(tensors: Tensors, prefix: str = '') -> tuple[Tensors, tuple[str, ...]]:
    """Remove the prefixes of wrappers from names, and tensors outside the network.

    Args:
        tensors: Tensors by name.
        prefix: Beginning of the names of one HRNet, if there are several.

    Returns:
        The tensors of the network, and the names of those that are not part of it, such
        as the weights of a loss. A backbone alone has no prefix `backbone.`.

    Raises:
        UserError: The checkpoint has several HRNets.
    """
    starts = {found[1] for name in tensors if (found := HRNET.fullmatch(name))}
    chosen = {name: x for name, x in tensors.items() if name.startswith(prefix)}
    if len(starts) > 1 and 0 < len(chosen) < len(tensors):
        inner, dropped = unwrapped(chosen)
        return inner, (*dropped, *(name for name in tensors if name not in chosen))
    if len(starts) > 1:
        under = ' and '.join(map(repr, sorted(starts)[:5]))
        raise UserError(
            f'the checkpoint has {len(starts)} HRNets, with {under} in front of their '
            'names; expected one. Choose with prefix=... of '
            'hrnet_mm.load or Pretrained, --prefix of hrnet convert'
        )
    if not starts:
        wrappers = {x[0] for name in tensors if (x := re.match(WRAPPERS, name))}
        common = wrappers.pop() if len(wrappers) == 1 else ''
        return _without(tensors, common), ()
    (start,) = starts
    dropped = tuple(
        name
        for name in tensors
        if not name.startswith(start) or STRAY.match(name.removeprefix(start))
    )
    kept = tensors.keys() - set(dropped)
    inner = _without({k: v for k, v in tensors.items() if k in kept}, start)
    if all(name.startswith('backbone.') for name in inner):
        body = any(name.startswith('backbone.body.') for name in inner)
        inner = inner if body else _without(inner, 'backbone.')
    return inner, dropped


def _without(tensors: Tensors, start: str) -> Tensors:
    return {name.removeprefix(start): tensor for name, tensor in tensors.items()}
