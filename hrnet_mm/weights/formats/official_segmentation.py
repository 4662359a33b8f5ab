"""HRNet-Semantic-Segmentation, the official code, publishes HRNetV2 and HRNetV2 + OCR.

Networks trained with torch 0.4 (the branch master, and files named `torch04`) use the
norm InPlaceABN, which scales by |weight| + eps and does not count batches. In
BatchNorm, its negative weights would flip the sign of features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .form import EPS, Format, Tensors

REGIONS = 'ocr_distri_head.object_context_block.'
ATTENTION = 'decode_head.1.object_context_block.'


@dataclass(frozen=True)
class CountedNorms(Format):
    """CountedNorms is a form whose norms have counters of batches.

    Without counters the norms would be taken for InPlaceABN.
    """

    def write(self, tensors: Mapping[str, Tensor]) -> Tensors:
        made = super().write(tensors)
        for name in list(made):
            norm, _, tensor = name.rpartition('.')
            if tensor == 'running_var':
                made.setdefault(f'{norm}.num_batches_tracked', torch.tensor(0))
        return made


@dataclass(frozen=True)
class InPlaceNorms(Format):
    """InPlaceNorms is a form whose norms are InPlaceABN.

    They have the tensor names of BatchNorm, without the counters.
    """

    def fits(self, names: Iterable[str]) -> bool:
        names = list(names)
        counted = any(name.endswith('num_batches_tracked') for name in names)
        return not counted and super().fits(names)

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        made = super().read(tensors)
        for name in list(made):
            norm, _, tensor = name.rpartition('.')
            if tensor == 'running_var' and f'{norm}.weight' in made:
                made[f'{norm}.weight'] = made[f'{norm}.weight'].abs() + EPS
        return made


# Branches master and pytorch-v1.1 do not align corners; HRNet-OCR does by default, and
# for ADE20K and COCO-Stuff.
OFFICIAL = CountedNorms(
    name='official segmentation',
    task='segmentation',
    marks=('conv1.', 'last_layer.0.', 'last_layer.3.'),
    upsample=('bilinear', 'bilinear, aligned'),
    renames=(
        ('last_layer.0.', 'decode_head.convs.0.conv.'),
        ('last_layer.1.', 'decode_head.convs.0.bn.'),
        ('last_layer.3.', 'decode_head.conv_seg.'),
        ('', 'backbone.'),
    ),
    folded=(('last_layer.0.bias', 'decode_head.convs.0.bn.running_mean'),),
)


def _single(theirs: str, ours: str) -> tuple[tuple[str, str], ...]:
    """Return renames for a convolution followed by a norm with ReLU."""
    return (
        (f'{theirs}.0.', f'{ATTENTION}{ours}.conv.'),
        (f'{theirs}.1.0.', f'{ATTENTION}{ours}.bn.'),
    )


def _double(theirs: str, ours: str) -> tuple[tuple[str, str], ...]:
    """Return renames for two convolutions, each followed by a norm with ReLU."""
    return (
        (f'{theirs}.0.', f'{ATTENTION}{ours}.0.conv.'),
        (f'{theirs}.1.0.', f'{ATTENTION}{ours}.0.bn.'),
        (f'{theirs}.2.', f'{ATTENTION}{ours}.1.conv.'),
        (f'{theirs}.3.0.', f'{ATTENTION}{ours}.1.bn.'),
    )


OCR = CountedNorms(
    name='official segmentation with OCR',
    task='segmentation',
    marks=('conv1.', 'aux_head.0.', 'conv3x3_ocr.0.', REGIONS, 'cls_head.'),
    upsample=('bilinear, aligned',),
    renames=(
        ('aux_head.0.', 'decode_head.0.convs.0.conv.'),
        ('aux_head.1.', 'decode_head.0.convs.0.bn.'),
        ('aux_head.3.', 'decode_head.0.conv_seg.'),
        ('conv3x3_ocr.0.', 'decode_head.1.bottleneck.conv.'),
        ('conv3x3_ocr.1.', 'decode_head.1.bottleneck.bn.'),
        *_double(f'{REGIONS}f_pixel', 'query_project'),
        *_double(f'{REGIONS}f_object', 'key_project'),
        *_single(f'{REGIONS}f_down', 'value_project'),
        *_single(f'{REGIONS}f_up', 'out_project'),
        *_single('ocr_distri_head.conv_bn_dropout', 'bottleneck'),
        ('cls_head.', 'decode_head.1.conv_seg.'),
        ('', 'backbone.'),
    ),
    folded=(
        ('aux_head.0.bias', 'decode_head.0.convs.0.bn.running_mean'),
        ('conv3x3_ocr.0.bias', 'decode_head.1.bottleneck.bn.running_mean'),
    ),
)


def _in_place(form: Format) -> InPlaceNorms:
    return InPlaceNorms(**vars(form) | dict(name=f'{form.name}, torch 0.4'))


OFFICIAL_TORCH_04, OCR_TORCH_04 = _in_place(OFFICIAL), _in_place(OCR)
