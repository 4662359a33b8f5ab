"""mmcv's deformable convolutions, with and without masks, and their gradients."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .precision import TORCHVISION, in_any_order, wide


def deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    output: Tensor,
    columns: Tensor,
    ones: Tensor,
    **geometry: int,
) -> None:
    """Deformable convolution without masks, into output (N, K, H', W').

    Paper: https://arxiv.org/abs/1703.06211.

    Args:
        input: (N, C, H, W).
        weight: (K, C / group, h, w).
        offset: (N, 2 * deformable_group * h * w, H', W'), y and x in turn.
        output: Written.
        columns: Memory for mmcv's kernel.
        ones: Likewise.
        **geometry: kH, kW, dH, dW, padH, padW, dilationH, dilationW, group,
            deformable_group, im2col_step.
    """
    output.copy_(deformed(input, weight, offset, None, None, steps(geometry)))


def deform_conv_backward_input(
    input: Tensor,
    offset: Tensor,
    grad_output: Tensor,
    grad_input: Tensor,
    grad_offset: Tensor,
    weight: Tensor,
    columns: Tensor,
    **geometry: int,
) -> None:
    """Write the gradients of input and offset, see `deform_conv_forward`."""
    grads = deformed_backward(
        grad_output, input, weight, offset, None, None, steps(geometry)
    )
    grad_input.copy_(grads[0])
    grad_offset.copy_(grads[2])


def deform_conv_backward_parameters(
    input: Tensor,
    offset: Tensor,
    grad_output: Tensor,
    grad_weight: Tensor,
    columns: Tensor,
    ones: Tensor,
    scale: float,
    **geometry: int,
) -> None:
    """Add `scale` times the gradient of the weight, see `deform_conv_forward`."""
    weight = torch.zeros_like(grad_weight)  # its own gradient does not depend on it
    grads = deformed_backward(
        grad_output, input, weight, offset, None, None, steps(geometry)
    )
    grad_weight.add_(grads[1].to(grad_weight.dtype), alpha=scale)


def modulated_deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    output: Tensor,
    columns: Tensor,
    **geometry: int,
) -> None:
    """Deformable convolution whose samples have weights, into output (N, K, H', W').

    Paper: https://arxiv.org/abs/1811.11168. As `deform_conv_forward`, and

    Args:
        input: (N, C, H, W).
        weight: (K, C / group, h, w).
        bias: (K,), or empty.
        ones: Memory for mmcv's kernel.
        offset: As there.
        mask: (N, deformable_group * h * w, H', W').
        output: Written.
        columns: Memory for mmcv's kernel.
        **geometry: kernel_h, kernel_w, stride_h, ..., group, deformable_group,
            with_bias.
    """
    output.copy_(deformed(input, weight, offset, mask, bias, steps(geometry)))


def modulated_deform_conv_backward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    columns: Tensor,
    grad_input: Tensor,
    grad_weight: Tensor,
    grad_bias: Tensor,
    grad_offset: Tensor,
    grad_mask: Tensor,
    grad_output: Tensor,
    **geometry: int,
) -> None:
    """Write all gradients, see `modulated_deform_conv_forward`."""
    grads = deformed_backward(
        grad_output, input, weight, offset, mask, bias, steps(geometry)
    )
    places = (grad_input, grad_weight, grad_offset, grad_mask, grad_bias)
    for place, grad in zip(places, grads):
        if place.numel():
            place.copy_(grad)


# What mmcv's two operators call a geometry, in the order of torchvision's arguments.
STEPS = (
    ('dH', 'stride_h'),
    ('dW', 'stride_w'),
    ('padH', 'pad_h'),
    ('padW', 'pad_w'),
    ('dilationH', 'dilation_h'),
    ('dilationW', 'dilation_w'),
    ('group', 'group'),
    ('deformable_group', 'deformable_group'),
)


def steps(geometry: dict[str, int]) -> list[int]:
    """Strides, paddings, dilations and groups in torchvision's order."""
    return [geometry[a] if a in geometry else geometry[b] for a, b in STEPS]


def deformed(
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
    geometry: list[int],
) -> Tensor:
    """Compute a deformable convolution, (N, K, H', W'), in float32 or wider."""
    tensors = operands(input, weight, offset, mask, bias)
    return TORCHVISION.deform_conv2d(*tensors, *geometry, mask is not None)


def deformed_backward(
    grad: Tensor,
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
    geometry: list[int],
) -> tuple[Tensor, ...]:
    """Return the gradients of input, weight, offset, mask and bias."""
    tensors = operands(input, weight, offset, mask, bias)
    grad = wide(grad).contiguous()
    with in_any_order(grad):
        return TORCHVISION._deform_conv2d_backward(
            grad, *tensors, *geometry, mask is not None
        )


def operands(
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
) -> Iterator[Tensor]:
    """Return the tensors that torchvision takes, made where there is none of them."""
    if mask is None:
        mask = input.new_zeros((input.shape[0], 1))
    if bias is None or bias.numel() == 0:
        bias = input.new_zeros(weight.shape[0])
    return (wide(x).contiguous() for x in (input, weight, offset, mask, bias))
