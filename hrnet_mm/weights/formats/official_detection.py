"""Detectors of mmdet 0.x and 1.x are converted to the names and classes of mmdet 2.0.

The official HRNet-Object-Detection is one of them. Since mmdet 2.0 the RoI heads are
parts of `roi_head`, and the background is the last class instead of the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import UserError
from .form import Format, Tensors

CLASSIFIER = 'fc_cls'
# Number of rows per class in the layers that predict boxes and masks.
ROWS = {'fc_reg': 4, 'conv_logits': 1}
_PREDICTOR = re.compile(
    rf'roi_head\.(?:bbox|mask)_head\.(?:\d+\.)?({CLASSIFIER}|{"|".join(ROWS)})\.'
)


def predictor(name: str) -> str | None:
    """Return the layer of a tensor (our name) if its rows are classes, else None."""
    found = _PREDICTOR.match(name)
    return found.group(1) if found else None


def num_classes(tensors: Mapping[str, Tensor]) -> int:
    """Return the number of classes of a two-stage detector, without the background.

    Args:
        tensors: Tensors of the detector under our names.

    Raises:
        UserError: The detector has no classifier.
    """
    for name, tensor in tensors.items():
        if predictor(name) == CLASSIFIER:
            return len(tensor) - 1
    raise UserError(
        f'the weights have no bbox_head.{CLASSIFIER}, which tells how many classes '
        'there are. Expected Faster R-CNN, Mask R-CNN, Cascade R-CNN or HTC, complete'
    )


def of_each_class(name: str, layer: str, tensor: Tensor, blocks: int) -> bool:
    """Tell whether a layer has rows for each of `blocks` classes, or shares them.

    With a single class both are the same, and the answer is True.

    Raises:
        UserError: The layer has another number of rows.
    """
    rows = ROWS[layer]
    if len(tensor) not in (rows, rows * blocks):
        raise UserError(
            f'{name} has {len(tensor)} rows; expected {rows * blocks}, {rows} for each '
            f'of {blocks} classes, or {rows} for all of them. Is the file half '
            'converted? In mmdet 1.x a head is bbox_head and the background is class '
            '0; since 2.0 it is roi_head.bbox_head, and the background has no box and '
            'no mask'
        )
    return len(tensor) == rows * blocks


def background_last(tensors: Mapping[str, Tensor]) -> Tensors:
    """Reorder the classes of mmdet 1.x as in mmdet 2.0 and later.

    The background's boxes and masks, which were never trained, are dropped.

    Args:
        tensors: Tensors of a two-stage detector under our names.
    """
    blocks = num_classes(tensors) + 1
    made = dict(tensors)
    for name, tensor in tensors.items():
        layer = predictor(name)
        if layer == CLASSIFIER:
            made[name] = tensor.roll(-1, dims=0)
        elif layer and of_each_class(name, layer, tensor, blocks):
            made[name] = tensor[ROWS[layer] :]
    return made


def background_first(tensors: Mapping[str, Tensor]) -> Tensors:
    """Reorder the classes as in mmdet 1.x, the inverse of `background_last`.

    The background's boxes and masks are zeros. Regression with a single class is taken
    to be class-specific.
    """
    blocks = num_classes(tensors)
    made = dict(tensors)
    for name, tensor in tensors.items():
        layer = predictor(name)
        if layer == CLASSIFIER:
            made[name] = tensor.roll(1, dims=0)
        elif layer and of_each_class(name, layer, tensor, blocks):
            background = torch.zeros_like(tensor[: ROWS[layer]])
            made[name] = torch.cat([background, tensor])
    return made


@dataclass(frozen=True)
class BackgroundFirst(Format):
    """BackgroundFirst is a form of two-stage detectors whose class 0 is background."""

    def fits(self, names: Iterable[str]) -> bool:
        names = list(names)
        today = any(name.startswith('roi_head.') for name in names)
        return super().fits(names) and not today

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        return background_last(super().read(tensors))

    def write(self, tensors: Mapping[str, Tensor]) -> Tensors:
        return super().write(background_first(tensors))


HEADS = (
    ('bbox_head.', 'roi_head.bbox_head.'),
    ('mask_head.', 'roi_head.mask_head.'),
    ('semantic_head.', 'roi_head.semantic_head.'),
)
NECK = (
    ('neck.reduction_conv.0.', 'neck.reduction_conv.conv.'),
    ('neck.fpn_conv.*.', 'neck.fpn_convs.*.conv.'),
)

OFFICIAL = BackgroundFirst(
    name='official detection',
    task='detection',
    marks=('neck.reduction_conv.0.', 'rpn_head.', 'bbox_head.'),
    upsample=('nearest',),
    renames=(*NECK, *HEADS),
)
# Official one-stage detectors; in mmdet today, an RPN alone is one of them too.
OFFICIAL_ONE_STAGE = Format(
    name='official detection, one stage',
    task='detection',
    marks=('neck.reduction_conv.0.',),
    upsample=('nearest',),
    renames=(*NECK, ('rpn_head.rpn_', 'bbox_head.rpn_')),
)
# This form fits official files too, so theirs come first in `FAMILIES`.
MMDET_1 = BackgroundFirst(
    name='mmdet 1.x',
    task='detection',
    marks=('rpn_head.', 'bbox_head.'),
    upsample=('nearest',),
    renames=HEADS,
)
MMDET_1_FCOS = Format(
    name='mmdet 1.x FCOS',
    task='detection',
    marks=('bbox_head.fcos_cls.',),
    upsample=('nearest',),
    renames=(
        ('bbox_head.fcos_cls.', 'bbox_head.conv_cls.'),
        ('bbox_head.fcos_reg.', 'bbox_head.conv_reg.'),
        ('bbox_head.fcos_centerness.', 'bbox_head.conv_centerness.'),
    ),
)
