"""3x3 convolutions with 2.25 times fewer multiplications, on the CPU in float32.

Winograd's F(2x2, 3x3); Lavin and Gray, arXiv 1509.09308. `winograd.h`
has the mathematics; `library.py` compiles it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .library import call, load


class PackedWeight(NamedTuple):
    """A weight as the kernel reads it.

    Args:
        data: Its numbers in the kernel's order.
        channels: Input channels (C) and output channels (K) of the convolution.
    """

    data: Tensor
    channels: tuple[int, int]


def transform_weight(
    weight: Tensor, scale: Tensor | None = None, *, transposed: bool = False
) -> PackedWeight:
    """Pack a weight for `conv3x3`.

    Args:
        weight: (K, C, 3, 3) float32 on the CPU, in any memory format.
        scale: (K,) float32, multiplied in.
        transposed: Pack what maps the gradient of the output to that of the input.
    """
    outputs, inputs = weight.shape[:2]
    strides = weight.stride()
    first = weight.data_ptr()
    if transposed:
        # Channels change places, and both axes are read from their ends.
        outputs, inputs = inputs, outputs
        k, c, i, j = strides
        strides = (c, k, -i, -j)
        first += 2 * (i + j) * weight.element_size()
    if scale is not None:
        _check(scale, weight.shape[:1], 'scale')
        scale = scale.contiguous()
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
    """Convolution of stride 1 and padding 1, and what follows it; no gradients.

    Args:
        x: (N, C, H, W) float32 on the CPU, H and W at least 1.
        packed: From `transform_weight`.
        bias: (K,) float32.
        add: Added to the output, of its shape and type.
        relu: Whether a ReLU follows.

    Returns:
        (N, K, H, W) in channels-last order.
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
    x = x.contiguous(memory_format=torch.channels_last)
    out = torch.empty(shape, dtype=x.dtype, memory_format=torch.channels_last)
    sizes = (shape[0], inputs, *shape[1:])
    call('winograd_conv', x, packed.data, bias, add, relu, out, *sizes)
    return out


def conv3x3_weight_grad(
    x: Tensor, grad: Tensor, weight: Tensor, scale: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Gradients of weight and scale; the convolution is by `weight * scale`.

    It has stride 1 and padding 1.

    Args:
        x: The convolution's input, (N, C, H, W) float32 on the CPU.
        grad: Gradient of its output, (N, K, H, W).
        weight: (K, C, 3, 3) float32.
        scale: (K,) float32, or None for ones.

    Returns:
        The weight's gradient, in its memory format, and the scale's (None for None).
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
    """The kernel reads memory by these: a wrong one would crash.

    Raises:
        ValueError: Another shape, type or device.
    """
    right = tensor.dtype == torch.float32 and tensor.device.type == 'cpu'
    if tensor.shape != shape or not right:
        raise ValueError(
            f'{name} is {tuple(tensor.shape)} {tensor.dtype} on {tensor.device}, '
            f'expected {shape} torch.float32 on the CPU'
        )
