"""Tests of the answered operators share RoIAlign and a bound of what is equal."""

from __future__ import annotations

import torch

from hrnet_mm.environment.survey import Survey
from hrnet_mm.ops import extension

# Of the processor's rounding: compiled on another one.
NEAR = dict(rtol=1e-4, atol=1e-5)


def align(maps, rois):
    """The output, and the gradient of the maps."""
    output = maps.new_zeros(len(rois), maps.shape[1], 7, 7)
    gradient = torch.zeros_like(maps)
    empty = maps.new_zeros(0)
    rest = (empty, empty)
    options = dict(
        aligned_height=7,
        aligned_width=7,
        spatial_scale=0.25,
        sampling_ratio=0,
        pool_mode=1,
        aligned=True,
    )
    extension.roi_align_forward(maps, rois, output, *rest, **options)
    extension.roi_align_backward(output, rois, *rest, gradient, **options)
    return output, gradient


def extension_is_used():
    return not Survey().importable('mmcv._ext')
