"""Gradients of convolutions, by the arithmetic that kernels.py chooses."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..native import winograd
from .kernels import (
    CHANNELS_LAST,
    PLAIN_3X3,
    Geometry,
    WinogradConv,
    kernel_of,
    multiply,
)


class Gradients(NamedTuple):
    """Those of a convolution by `weight * scale`, None where nobody wants them."""

    x: Tensor | None = None
    weight: Tensor | None = None
    scale: Tensor | None = None
    bias: Tensor | None = None


class Wanted(NamedTuple):
    """Which gradients are; that of the scale comes with that of the weight."""

    x: bool
    weight: bool
    bias: bool


def convolution_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    scale: Tensor | None,
    geometry: Geometry,
    wanted: Wanted,
    *,
    add: Tensor | None = None,
    native: bool,
) -> Gradients:
    """Gradients of a convolution.

    Args:
        grad: Gradient of the output, (N, K, H', W').
        x: The input, (N, C, H, W), of the type that was computed in.
        weight: (K, C, h, w).
        scale: (K,), multiplies the weight; or None.
        geometry: Stride, padding, dilation and groups.
        wanted: Which gradients.
        add: Added to the input's gradient, of its shape.
        native: Whether the Winograd kernel may compute them.
    """
    grad = grad.to(x.dtype).contiguous(memory_format=CHANNELS_LAST)
    x = x.contiguous(memory_format=CHANNELS_LAST)
    if kernel_of(x, weight, geometry, native) is WinogradConv:
        return _backward_by_winograd(grad, x, weight, scale, wanted, add)
    return _backward_by_torch(grad, x, weight, scale, geometry, wanted, add)


def _backward_by_winograd(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    scale: Tensor | None,
    wanted: Wanted,
    add: Tensor | None,
) -> Gradients:
    grad_x = grad_weight = grad_scale = grad_bias = None
    # For fewer pixels the weight's transformation takes longer than is won; measured.
    if wanted.x and x.numel() >= 256 * x.shape[1]:
        packed = winograd.transform_weight(weight, scale, transposed=True)
        grad_x = winograd.conv3x3(grad, packed, add=add)
    elif wanted.x:
        only_x = Wanted(True, False, False)
        grad_x = _backward_by_torch(grad, x, weight, scale, PLAIN_3X3, only_x, add).x
    if wanted.weight:
        grad_weight, grad_scale = winograd.conv3x3_weight_grad(x, grad, weight, scale)
    if wanted.bias:
        grad_bias = grad.sum((0, 2, 3))
    return Gradients(grad_x, grad_weight, grad_scale, grad_bias)


def _backward_by_torch(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    scale: Tensor | None,
    geometry: Geometry,
    wanted: Wanted,
    add: Tensor | None,
) -> Gradients:
    stride, padding, dilation, groups = geometry
    product = multiply(weight, scale).to(x.dtype)
    grad_x, grad_product, grad_bias = torch.ops.aten.convolution_backward(
        grad,
        x,
        product.contiguous(memory_format=CHANNELS_LAST),
        [weight.shape[0]],
        stride,
        padding,
        dilation,
        False,
        [0, 0],
        groups,
        wanted,
    )
    if grad_x is not None and add is not None:
        grad_x.add_(add)
    grads = _multiply_backward(grad_product, weight, scale)
    return Gradients(grad_x, *grads, grad_bias)


def _multiply_backward(
    grad: Tensor | None, weight: Tensor, scale: Tensor | None
) -> tuple[Tensor | None, Tensor | None]:
    """Gradients of weight and scale from their product's, which is overwritten."""
    if grad is None:
        return None, None
    grad = grad.to(weight.dtype)
    if scale is None:
        return grad, None
    grad_scale = (grad * weight).sum((1, 2, 3))
    return grad.mul_(scale[:, None, None, None]), grad_scale
