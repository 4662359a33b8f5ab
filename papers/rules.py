"""Each of the papers' tables counts operations by a formula for each operator."""

from __future__ import annotations

from math import prod
from typing import Any

import torch

from hrnet_mm.complexity.counting import COUNTED, TRUE, Formulas, Rule, Shape, elements

aten = torch.ops.aten


def nothing(*shapes: Any, **_: Any) -> int:
    """Return 0, the count of an operation that a rule leaves out."""
    return 0


def conv_of_outputs(
    x: Shape, weight: Shape, *_: Any, out_shape: Shape, **__: Any
) -> int:
    """Count a convolution (N, C, H, W): one multiply-add per weight and output pixel.

    For a transposed convolution that is too much, by its stride squared: its weights
    meet each input pixel once.
    """
    return prod(weight) * x[0] * prod(out_shape[2:])


def linear(bias: Shape, x: Shape, weight: Shape, **_: Any) -> int:
    """Count the multiply-adds of a linear layer with bias, (N, in) x (in, out)."""
    return prod(x) * weight[-1]


def linear_without_bias(x: Shape, weight: Shape, **_: Any) -> int:
    """Count the multiply-adds of a linear layer without bias, (N, in) x (in, out)."""
    return prod(x) * weight[-1]


def conv_and_bias(
    x: Shape, weight: Shape, bias: Shape | None, *_: Any, out_shape: Shape, **__: Any
) -> int:
    """Count a convolution as `conv_of_outputs`, and one for each bias added."""
    added = prod(out_shape) if bias else 0
    return conv_of_outputs(x, weight, out_shape=out_shape) + added


def linear_and_bias(
    bias: Shape, x: Shape, weight: Shape, *, out_shape: Shape, **_: Any
) -> int:
    """Count a linear layer as `linear`, and one for each bias added."""
    return linear(bias, x, weight) + prod(out_shape)


def twice_elements(*_: Any, out_shape: Any, **__: Any) -> int:
    """Count two per element, the scale and the shift of a norm layer."""
    return 2 * elements(out_shape=out_shape)


LEFT_OUT: Formulas = dict.fromkeys(COUNTED, nothing)
CONV_AND_LINEAR: Formulas = {
    **LEFT_OUT,
    aten.convolution: conv_of_outputs,
    aten.addmm: linear,
    aten.mm: linear_without_bias,
}
MANY_LAYERS: Formulas = {
    **CONV_AND_LINEAR,
    aten.convolution: conv_and_bias,
    aten.addmm: linear_and_bias,
    aten.native_batch_norm: twice_elements,
    aten._native_batch_norm_legit_no_training: twice_elements,
    aten.native_group_norm: twice_elements,
    aten.relu: elements,
    aten.relu_: elements,
    aten.upsample_bilinear2d: elements,
    aten.upsample_nearest2d: elements,
    aten._unsafe_index: elements,  # what newer torch makes of nearest up-sampling
}

RULES = {
    'true': TRUE,
    # `modelsummary.py` of the official pose, classification and segmentation code
    'modelsummary': Rule(CONV_AND_LINEAR, giga=2**30),
    # the Faster R-CNN row of Tables VII and XIX, inferred from its figures
    'faster': Rule(
        CONV_AND_LINEAR,
        giga=2**30,
        mega=2**20,
        norms=False,
        boxes=512,
        left_out=('fc_cls', 'fc_reg'),
    ),
    # mmcv's counter, as mmdet used it: the other rows of Table VII
    'mmcv': Rule(MANY_LAYERS),
}
