"""Torchvision computes mmcv's two deformable convolutions and their gradients."""

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
    """Write a deformable convolution without masks into `output` (N, K, H', W').

    Paper: https://arxiv.org/abs/1703.06211.

    Args:
        input: Features (N, C, H, W).
        weight: Kernels (K, C / group, h, w).
        offset: Offsets (N, 2 * deformable_group * h * w, H', W'), y and x in turn.
        output: Result, written in place.
        columns: Workspace of mmcv's kernel, not used here.
        ones: Another workspace of mmcv's kernel, not used here.
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
    """Write the gradients of input and offset in place; see `deform_conv_forward`."""
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
    """Add `scale` times the weight's gradient in place; see `deform_conv_forward`."""
    weight = torch.zeros_like(grad_weight)  # the gradient does not depend on its values
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
    """Write a deformable convolution with masks into `output` (N, K, H', W').

    The masks weight the samples. Paper: https://arxiv.org/abs/1811.11168.

    Args:
        input: Features (N, C, H, W).
        weight: Kernels (K, C / group, h, w).
        bias: Bias (K,), or empty.
        ones: Workspace of mmcv's kernel, not used here.
        offset: Offsets as in `deform_conv_forward`.
        mask: Weights of the samples (N, deformable_group * h * w, H', W').
        output: Result, written in place.
        columns: Workspace of mmcv's kernel, not used here.
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
    """Write all gradients in place; see `modulated_deform_conv_forward`."""
    grads = deformed_backward(
        grad_output, input, weight, offset, mask, bias, steps(geometry)
    )
    places = (grad_input, grad_weight, grad_offset, grad_mask, grad_bias)
    for place, grad in zip(places, grads, strict=True):
        if place.numel():
            place.copy_(grad)


# Names of the geometry in mmcv's two operators, in torchvision's order of arguments.
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
    """Return strides, paddings, dilations and groups in torchvision's order."""
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
    """Return the tensors that torchvision takes, zeros for a missing mask or bias."""
    if mask is None:
        mask = input.new_zeros((input.shape[0], 1))
    if bias is None or bias.numel() == 0:
        bias = input.new_zeros(weight.shape[0])
    # Maps may come in channels-last; torchvision takes (N, C, H, W) in memory.
    return (wide(x).contiguous() for x in (input, weight, offset, mask, bias))
