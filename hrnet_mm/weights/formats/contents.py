"""The tensors of a network are found wherever in a file trainers put them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

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
    found = _nested(checkpoint)
    if not found:
        raise UserError(
            f'the checkpoint has no tensors; it has {first(checkpoint)}. Expected '
            f'tensors by name, or such a dict under one of {", ".join(NESTS)}'
        )
    return {name.replace(COMPILED, ''): x.detach() for name, x in found.items()}


def _nested(content: Any) -> Tensors:
    """Return the tensors under a known key, or at the top level, preferring an HRNet.

    A key may hold no tensors: trainers also store a name under `model`, and objects
    under `ema`.
    """
    if not isinstance(content, Mapping):
        return {}
    nests = [_nested(content.get(key)) for key in NESTS]
    networks = (tensors for tensors in nests if tensors and has_hrnet(tensors))
    found = next(networks, None) or next(filter(None, nests), None)
    return found or {str(k): v for k, v in content.items() if isinstance(v, Tensor)}


def not_finite(tensors: Tensors) -> list[str]:
    """Return the names of tensors with values that are NaN or infinite."""
    floating = {k: x for k, x in tensors.items() if x.is_floating_point()}
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
        under = ' and '.join(repr(start) for start in sorted(starts))
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
    inner = _without({k: v for k, v in tensors.items() if k not in dropped}, start)
    if all(name.startswith('backbone.') for name in inner):
        body = any(name.startswith('backbone.body.') for name in inner)
        inner = inner if body else _without(inner, 'backbone.')
    return inner, dropped


def _without(tensors: Tensors, start: str) -> Tensors:
    return {name.removeprefix(start): tensor for name, tensor in tensors.items()}
