"""Backbone and neck fit ours in the official HRNet-MaskRCNN-Benchmark and HRNet-FCOS.

Both are based on maskrcnn-benchmark, whose heads (`rpn.`, `roi_heads.`) keep their
names here: they fit no detector of mmdet and are left aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .form import EPS, Format, Tensors


@dataclass(frozen=True)
class FrozenNorms(Format):
    """FrozenNorms is a form whose norms store eps as a tensor and count no batches."""

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        made = super().read(tensors)
        for name in [name for name in made if name.endswith('.eps')]:
            variance = name.removesuffix('eps') + 'running_var'
            # Only the sum (var + eps) matters, so the variance takes up the excess.
            made[variance] = made[variance] + (made.pop(name) - EPS)
        return made

    def write(self, tensors: Mapping[str, Tensor]) -> Tensors:
        made = super().write(tensors)
        for name in list(made):
            norm, _, tensor = name.rpartition('.')
            if tensor == 'num_batches_tracked':
                del made[name]
            elif tensor == 'running_var':
                made[f'{norm}.eps'] = torch.full_like(made[name], EPS)
        return made


def _renames(neck: str) -> tuple[tuple[str, str], ...]:
    return (
        (f'backbone.{neck}.reduction_conv.0.', 'neck.reduction_conv.conv.'),
        (f'backbone.{neck}.fpn_conv.*.', 'neck.fpn_convs.*.conv.'),
        ('backbone.body.', 'backbone.'),
    )


MASKRCNN_BENCHMARK = FrozenNorms(
    name='official Mask R-CNN Benchmark',
    task='detection',
    marks=('backbone.body.transition1.', 'backbone.neck.reduction_conv.0.'),
    upsample=('nearest',),
    renames=_renames('neck'),
)
FCOS = Format(
    name='official FCOS',
    task='detection',
    marks=('backbone.body.transition1.', 'backbone.fpn.reduction_conv.0.'),
    upsample=('nearest',),
    renames=_renames('fpn'),
)
