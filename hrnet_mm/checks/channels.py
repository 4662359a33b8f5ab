"""Channels of backbone, neck, heads and losses are checked to fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import Any

from torch import nn

from ..errors import UserError
from ..recipes.losses import check_class_weight, check_softmax

Channels = tuple[int, ...]  # of each map, from high to low resolution
POOLINGS = ('GlobalAveragePooling', 'GeneralizedMeanPooling')
HEADS = (
    'rpn_head',
    'bbox_head',
    'mask_head',
    'semantic_head',
    'decode_head',
    'auxiliary_head',
    'head',
)
# Attributes of a head: its loss, or a list of losses, and the layer that they judge.
LOSSES = {
    'loss_decode': 'conv_seg',  # mmseg's heads
    'loss_module': 'fc',  # classification
    'loss_cls': 'fc_cls',  # heads of boxes
    'criterion': 'conv_logits',  # HTC's semantic head
}
# Losses of mmseg that are always of the softmax; others say use_sigmoid=False.
SOFTMAX = ('OhemCrossEntropy', 'TverskyLoss', 'HuasdorffDisstanceLoss')


def channels_agree(model: nn.Module) -> None:
    """Check that the channels of backbone, neck and heads fit, where they are known."""
    backbone, neck = getattr(model, 'backbone', None), getattr(model, 'neck', None)
    given = getattr(backbone, 'out_channels', None)
    maps = given if isinstance(given, tuple) else None
    # in mmpretrain a pooling layer follows
    for layer in neck if isinstance(neck, nn.Sequential) else filter(None, [neck]):
        _check_neck(layer, maps)
        maps = _through(layer, maps)
    giver = 'backbone' if neck is None else 'neck'
    for name, head, needed in _heads(model):
        made, setting = _selected(maps or (), head)
        if made is not None and needed != made:
            raise UserError(
                f'the {giver} puts out {made} channels, model.{name} takes {needed}. '
                f'Set in_channels={setting} there, or change the {giver}'
            )


def _check_neck(layer: nn.Module, maps: Channels | None) -> None:
    """Check that a layer of a neck takes the maps that come."""
    taken = _in_channels(layer)
    if maps and isinstance(taken, tuple | list) and tuple(taken) != maps:
        raise UserError(
            f'the backbone puts out {maps} channels, the neck takes {tuple(taken)}. '
            'Give both the same arch (and the backbone multiscale_output=True)'
        )


def _through(layer: nn.Module, maps: Channels | None) -> Channels | None:
    """Return the channels of the maps that a layer of a neck makes; None if unknown."""
    out, kind = getattr(layer, 'out_channels', None), type(layer).__name__
    if isinstance(out, int):
        return (out,) * getattr(layer, 'num_outs', 1)
    if maps is None or kind in POOLINGS:
        return maps
    if kind == 'HRPoolConcat':
        return (sum(maps),)
    if kind != 'FeatureMapProcessor':
        return None
    index: Any = getattr(layer, 'select_index', None)
    chosen = maps if index is None else _at(maps, index)
    return (sum(chosen),) if chosen and getattr(layer, 'concat', False) else chosen


def _at(maps: Channels, index: Sequence[int]) -> Channels | None:
    """Return the maps of some numbers; None if there are not so many."""
    if not all(-len(maps) <= i < len(maps) for i in index):
        return None
    return tuple(maps[i] for i in index)


def _heads(model: nn.Module) -> Iterator[tuple[str, nn.Module, int | Channels]]:
    """Yield every head that takes feature maps: name, module and input channels."""
    for name, module in model.named_modules():
        words = [word for word in name.split('.') if not word.isdecimal()]
        needed = _in_channels(module)
        if not words or words[-1] not in HEADS:
            continue
        if getattr(module, 'input_transform', None) == 'multiple_select':
            yield name, module, tuple(needed)
        elif isinstance(needed, int):
            yield name, module, needed


def _selected(maps: Channels, head: nn.Module) -> tuple[Any, Any]:
    """Return the channels that a head reads of some maps, and how its config says them.

    Both are None if they are not known.
    """
    index: Any = getattr(head, 'in_index', -1)
    chosen = _at(maps, [index] if isinstance(index, int) else index)
    transform = getattr(head, 'input_transform', None)
    if chosen is None:
        return None, None
    if transform == 'resize_concat':
        return sum(chosen), list(chosen)
    if transform == 'multiple_select':
        return chosen, list(chosen)
    return (chosen[0], chosen[0]) if len(chosen) == 1 else (None, None)


def _in_channels(module: nn.Module | None) -> Any:
    return getattr(module, 'in_channels', None)


def losses_agree(model: nn.Module) -> None:
    """Check that the losses of classes fit the channels that their head puts out."""
    for place, loss, channels in _losses(model):
        kind, weights = type(loss).__name__, getattr(loss, 'class_weight', None)
        sigmoid = getattr(loss, 'use_sigmoid', kind not in SOFTMAX)
        listed = isinstance(weights, Sized) and not isinstance(weights, str)
        try:
            if not sigmoid and not getattr(loss, 'use_mask', False):
                check_softmax(kind, channels)
            check_class_weight(kind, channels, weights if listed else None)
        except UserError as error:
            raise UserError(f'model.{place}: {error}') from error


def _losses(model: nn.Module) -> Iterator[tuple[str, nn.Module, int]]:
    """Yield every loss of classes: where it is, itself, and channels of its head."""
    for name, head in model.named_modules():
        for key, layer in LOSSES.items():
            loss = getattr(head, key, None)
            weight = getattr(getattr(head, layer, None), 'weight', None)
            if loss is None or weight is None:
                continue
            losses = loss if isinstance(loss, nn.ModuleList) else [loss]
            yield from ((f'{name}.{key}', each, len(weight)) for each in losses)
