"""Winograd's algorithm computes 3x3 convolutions with 2.25 times fewer multiplications.

It is F(2x2, 3x3) of Lavin and Gray, arXiv 1509.09308, on the CPU in float32.
`winograd.h` has the mathematics; `library.py` compiles it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .library import call, load


class PackedWeight(NamedTuple):
    """A `PackedWeight` is a transformed weight in the kernel's memory order.

    Attributes:
        data: The transformed weight U, one-dimensional; `winograd.h` has its order.
        channels: Input channels (C) and output channels (K) of the convolution.
    """

    data: Tensor
    channels: tuple[int, int]


def transform_weight(
    weight: Tensor, scale: Tensor | None = None, *, transposed: bool = False
) -> PackedWeight:
    """Transform and pack a weight for `conv3x3`.

    Args:
        weight: Weight of the convolution, (K, C, 3, 3) float32 on the CPU, in any
            memory format.
        scale: Factor of each output channel, (K,) float32, or None for ones.
        transposed: True to pack the transposed convolution, which maps the gradient of
            the output to the gradient of the input.
    """
    outputs, inputs = weight.shape[:2]
    strides = weight.stride()
    first = weight.data_ptr()
    if transposed:
        # (K, C, 3, 3) -> (C, K, 3, 3), mirrored in both axes: a view with negative
        # strides from the last element on
        outputs, inputs = inputs, outputs
        k, c, i, j = strides
        strides = (c, k, -i, -j)
        first += 2 * (i + j) * weight.element_size()
    if scale is not None:
        _check(scale, weight.shape[:1], 'scale')
        scale = scale.contiguous()
    # (K, C, 3, 3) -> 16 numbers for each pair of C and K, K padded to whole vectors
    size = load().winograd_packed_size(inputs, outputs)
    data = torch.empty(size, dtype=torch.float32)
    sizes = (inputs, outputs, *strides)
    call('winograd_pack', first, scale, not transposed, *sizes, data)
    return PackedWeight(data, (inputs, outputs))


def conv3x3(
    x: Tensor,
    packed: PackedWeight,
    bias: Tensor | None = None,
    add: Tensor | None = None,
    relu: bool = False,
) -> Tensor:
    """Compute ReLU(conv(x) + bias + add) of stride 1 and padding 1, without gradients.

    Args:
        x: Map (N, C, H, W), float32 on the CPU, H and W at least 1.
        packed: Result of `transform_weight`.
        bias: Bias (K,), float32, or None.
        add: Addend of the output's shape and type, or None.
        relu: True if a ReLU follows.

    Returns:
        Map (N, K, H, W) in channels-last order.
    """
    inputs, outputs = packed.channels
    shape = (x.shape[0], outputs, *x.shape[2:])
    _check(x, (x.shape[0], inputs, *x.shape[2:]), 'x')
    if add is not None:
        _check(add, shape, 'add')
        add = add.contiguous(memory_format=torch.channels_last)
    if bias is not None:
        _check(bias, (outputs,), 'bias')
        bias = bias.contiguous()
    # The kernel reads and writes maps in channels-last order, (N, H, W, C) in memory.
    x = x.contiguous(memory_format=torch.channels_last)
    out = torch.empty(shape, dtype=x.dtype, memory_format=torch.channels_last)
    sizes = (shape[0], inputs, *shape[1:])
    call('winograd_conv', x, packed.data, bias, add, relu, out, *sizes)
    return out


def conv3x3_weight_grad(
    x: Tensor, grad: Tensor, weight: Tensor, scale: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Compute the gradients of weight and scale of a convolution by `weight * scale`.

    The convolution has stride 1 and padding 1.

    Args:
        x: Input of the convolution, (N, C, H, W) float32 on the CPU.
        grad: Gradient of the output, (N, K, H, W) float32.
        weight: Weight before scaling, (K, C, 3, 3) float32.
        scale: Factor of each output channel, (K,) float32, or None for ones.

    Returns:
        Gradient of the weight, in the weight's memory format, and gradient of the scale
        (None if the scale is None).
    """
    n, inputs, height, width = x.shape
    outputs = grad.shape[1]
    _check(x, x.shape, 'x')
    _check(grad, (n, outputs, height, width), 'grad')
    _check(weight, (outputs, inputs, 3, 3), 'weight')
    x = x.contiguous(memory_format=torch.channels_last)
    grad = grad.contiguous(memory_format=torch.channels_last)
    grad_weight = torch.empty_like(weight)
    if grad_weight.stride() != weight.stride():
        # A weight with gaps in memory: the kernel reads both by the same strides.
        weight = torch.empty_like(grad_weight).copy_(weight)
    grad_scale = None
    if scale is not None:
        _check(scale, (outputs,), 'scale')
        scale, grad_scale = scale.contiguous(), torch.empty_like(scale)
    sizes = (n, inputs, outputs, height, width, *grad_weight.stride())
    grads = (grad_weight, grad_scale)
    call('winograd_weight_grad', x, grad, weight, scale, *grads, *sizes)
    return grads


def _check(tensor: Tensor, shape: tuple[int, ...], name: str) -> None:
    """Check shape, type and device, since the kernel would crash on wrong ones.

    Raises:
        ValueError: Shape, type or device differ from what the kernel reads.
    """
    right = tensor.dtype == torch.float32 and tensor.device.type == 'cpu'
    if tensor.shape != shape or not right:
        raise ValueError(
            f'{name} is {tuple(tensor.shape)} {tensor.dtype} on {tensor.device}, '
            f'expected {shape} torch.float32 on the CPU'
        )
