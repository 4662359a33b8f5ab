"""The gradients of convolutions are computed by the kernels that kernels.py chooses."""

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
    """`Gradients` holds those of a convolution by `weight * scale`.

    Attributes:
        x: Gradient of the input, (N, C, H, W), or None if not wanted.
        weight: Gradient of the weight before scaling, (K, C, h, w), or None.
        scale: Gradient of the scale, (K,), or None.
        bias: Gradient of the bias, (K,), or None.
    """

    x: Tensor | None = None
    weight: Tensor | None = None
    scale: Tensor | None = None
    bias: Tensor | None = None


class Wanted(NamedTuple):
    """`Wanted` tells which gradients are to be computed.

    Attributes:
        x: True for the gradient of the input.
        weight: True for the gradients of the weight and of the scale.
        bias: True for the gradient of the bias.
    """

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
    """Compute the gradients of a convolution by `weight * scale`.

    Args:
        grad: Gradient of the output, (N, K, H', W').
        x: Input, (N, C, H, W), in the type of the forward pass.
        weight: Weight before scaling, (K, C, h, w).
        scale: Factor of each output channel, (K,), or None for ones.
        geometry: Stride, padding, dilation and groups.
        wanted: Gradients to compute.
        add: Addend to the input's gradient, (N, C, H, W), or None.
        native: True if the Winograd kernel may compute the gradients.
    """
    # Both maps are channels-last from here on; maps of the chain are already.
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
    # Below 256 pixels, transforming the weight costs more than is gained; measured.
    if wanted.x and x.numel() >= 256 * x.shape[1]:
        # (N, K, H, W) -> (N, C, H, W), by the mirrored weight (C, K, 3, 3)
        packed = winograd.transform_weight(weight, scale, transposed=True)
        grad_x = winograd.conv3x3(grad, packed, add=add)
    elif wanted.x:
        only_x = Wanted(True, False, False)
        grad_x = _backward_by_torch(grad, x, weight, scale, PLAIN_3X3, only_x, add).x
    if wanted.weight:
        # (N, C, H, W) and (N, K, H, W) -> (K, C, 3, 3) and (K,)
        grad_weight, grad_scale = winograd.conv3x3_weight_grad(x, grad, weight, scale)
    if wanted.bias:
        # (N, K, H, W) -> (K,)
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
    # weight * scale, (K, C, h, w), is not stored but computed again
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
    """Return the gradients of weight and scale from that of their product.

    The gradient of the product, (K, C, h, w), is overwritten.
    """
    if grad is None:
        return None, None
    grad = grad.to(weight.dtype)
    if scale is None:
        return grad, None
    # (K, C, h, w) -> (K,)
    grad_scale = (grad * weight).sum((1, 2, 3))
    return grad.mul_(scale[:, None, None, None]), grad_scale
