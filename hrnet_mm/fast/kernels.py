"""Which arithmetic computes a convolution: oneDNN's fused one, Winograd's, or torch's.

oneDNN's operators are those that torch's own compiler calls; they need no compiler and
work on channels-last maps. Where none of them applies, plain torch computes the same.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import winograd

CHANNELS_LAST = torch.channels_last
ONEDNN_TYPES = (torch.float32, torch.bfloat16)


class Geometry(NamedTuple):
    """How a convolution moves over its map, in the order of torch's arguments."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    @classmethod
    def of(cls, conv: nn.Conv2d) -> Geometry:
        """That of a layer."""
        return cls(conv.stride, conv.padding, conv.dilation, conv.groups)


# What the Winograd kernel computes.
PLAIN_3X3 = Geometry((1, 1), (1, 1), (1, 1), 1)


def autocast(x: Tensor) -> Tensor:
    """The map in the type that torch.autocast asks for: fused operators are not told.

    Args:
        x: Map of any floating type; float64 stays.
    """
    kind = x.device.type
    if x.dtype == torch.float64 or not torch.is_autocast_enabled(kind):
        return x
    return x.to(torch.get_autocast_dtype(kind))


def uses_onednn(x: Tensor) -> bool:
    """Whether oneDNN's fused operators take this map."""
    return (
        x.device.type == 'cpu'
        and x.dtype in ONEDNN_TYPES
        and x.numel() > 0
        and torch.backends.mkldnn.is_available()
        and torch.backends.mkldnn.enabled
    )


class Packed:
    """The weights of a convolution in the order in which its kernel reads them.

    Args:
        weight: (K, C, h, w).
        bias: (K,) or None.
        geometry: Stride, padding, dilation and groups.
        use_winograd: Whether the Winograd kernel may compute it.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        use_winograd: bool,
    ) -> None:
        self.weight = weight.contiguous(memory_format=CHANNELS_LAST)
        self.bias = bias
        self.geometry = geometry
        self.use_winograd = use_winograd and _is_plain_3x3(weight, geometry)
        self._winograd_weight: Tensor | None = None

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """Map x (N, C, H, W) to ReLU(conv(x) + bias + add), in channels-last order."""
        x = x.contiguous(memory_format=CHANNELS_LAST)
        if add is not None:
            add = add.to(x.dtype).contiguous(memory_format=CHANNELS_LAST)
        if self.use_winograd and winograd.wins(x, self.weight.shape[0]):
            return self._by_winograd(x, add, relu)
        if uses_onednn(x):
            return self._by_onednn(x, add, relu)
        out = F.conv2d(x, self.weight, self.bias, *self.geometry)
        out = out if add is None else out.add_(add)
        return out.relu_() if relu else out

    def _by_winograd(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        if self._winograd_weight is None:
            self._winograd_weight = winograd.transform_weight(self.weight)
        return winograd.conv3x3(x, self._winograd_weight, self.bias, add, relu)

    def _by_onednn(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        operator = torch.ops.mkldnn._convolution_pointwise
        stride, padding, dilation, groups = self.geometry
        layout = (self.weight, self.bias, padding, stride, dilation, groups)
        if add is None:
            return operator(x, *layout, 'relu' if relu else 'none', [], '')
        after = 'relu' if relu else None
        return operator.binary(x, add, *layout, 'add', 1.0, after, [], '')


def _is_plain_3x3(weight: Tensor, geometry: Geometry) -> bool:
    return geometry == PLAIN_3X3 and weight.shape[2:] == (3, 3)


def convolution_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    geometry: Geometry,
    mask: list[bool],
    *,
    use_winograd: bool,
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradients of the input, the weight and the bias of a convolution.

    Args:
        grad: Gradient of the output, (N, K, H', W').
        x: The input, (N, C, H, W).
        weight: (K, C, h, w).
        geometry: Stride, padding, dilation and groups.
        mask: Which of the three are wanted; the others are None.
        use_winograd: Whether the Winograd kernel may compute them.
    """
    grad = grad.to(x.dtype).contiguous(memory_format=CHANNELS_LAST)
    needs_x, *needs_rest = mask
    use_winograd = use_winograd and _is_plain_3x3(weight, geometry)
    grad_x = None
    if needs_x and use_winograd and winograd.wins(grad, weight.shape[1]):
        packed = winograd.transform_weight(weight, transposed=True)
        grad_x, needs_x = winograd.conv3x3(grad, packed), False
    if not any((needs_x, *needs_rest)):
        return grad_x, None, None
    stride, padding, dilation, groups = geometry
    by_torch = torch.ops.aten.convolution_backward(
        grad,
        x.contiguous(memory_format=CHANNELS_LAST),
        weight.contiguous(memory_format=CHANNELS_LAST),
        [weight.shape[0]],
        stride,
        padding,
        dilation,
        False,
        [0, 0],
        groups,
        [needs_x, *needs_rest],
    )
    return (by_torch[0] if grad_x is None else grad_x, *by_torch[1:])
