"""Which arithmetic computes a convolution: oneDNN's fused one, Winograd's, or torch's.

oneDNN's operators are those that torch's own compiler calls; they need no compiler and
work on channels-last maps. Where none of them applies, plain torch computes the same.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..native import winograd

CHANNELS_LAST = torch.channels_last


class Geometry(NamedTuple):
    """How a convolution moves over its map, in the order of torch's arguments."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    @classmethod
    def of(cls, conv: nn.Conv2d) -> Geometry:
        """That of a layer."""
        assert not isinstance(conv.padding, str)  # see can_fold
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


def multiply(weight: Tensor, scale: Tensor | None) -> Tensor:
    """A weight (K, C, h, w) times a scale (K,), if there is one."""
    return weight if scale is None else weight * scale[:, None, None, None]


class PlainConv:
    """A convolution by torch's own operator.

    Args:
        weight: (K, C, h, w).
        bias: (K,) or None.
        geometry: Stride, padding, dilation and groups.
    """

    @classmethod
    def scaled(
        cls, weight: Tensor, scale: Tensor, bias: Tensor, geometry: Geometry
    ) -> PlainConv:
        """A convolution by the weight times `scale` (K,), in the type of the bias."""
        return cls(multiply(weight, scale).to(bias.dtype), bias, geometry)

    def __init__(self, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> None:
        self.weight = weight.contiguous(memory_format=CHANNELS_LAST)
        self.bias = bias
        self.geometry = geometry

    def __call__(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """Map x (N, C, H, W) to ReLU(conv(x) + bias + add), in channels-last order."""
        x = x.contiguous(memory_format=CHANNELS_LAST)
        if add is not None:
            add = add.to(x.dtype).contiguous(memory_format=CHANNELS_LAST)
        return self.convolve(x, add, relu)

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """The same, of maps in channels-last order and of one type."""
        out = F.conv2d(x, self.weight, self.bias, *self.geometry)
        out = out if add is None else out.add_(add)
        return out.relu_() if relu else out


class OneDNNConv(PlainConv):
    """By oneDNN's fused operator, the weight in the order that it asks for."""

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        stride, padding, dilation, groups = self.geometry
        if not self.weight.is_mkldnn:
            # The order depends on the map; for other maps oneDNN makes it anew.
            self.weight = torch.ops.mkldnn._reorder_convolution_weight(
                self.weight, padding, stride, dilation, groups, list(x.shape)
            )
        operator = torch.ops.mkldnn._convolution_pointwise
        layout = (self.weight, self.bias, padding, stride, dilation, groups)
        if add is None:
            return operator(x, *layout, 'relu' if relu else 'none', [], '')
        after = 'relu' if relu else None
        return operator.binary(x, add, *layout, 'add', 1.0, after, [], '')


class WinogradConv(PlainConv):
    """By the Winograd kernel, for what `uses_winograd` says.

    Args:
        weight: (K, C, 3, 3).
        bias: (K,) or None.
        geometry: `PLAIN_3X3`.
        scale: (K,), multiplies the weight; or None.
    """

    @classmethod
    def scaled(
        cls, weight: Tensor, scale: Tensor, bias: Tensor, geometry: Geometry
    ) -> PlainConv:
        return cls(weight, bias, geometry, scale)

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        scale: Tensor | None = None,
    ) -> None:
        self.packed, self.bias = winograd.transform_weight(weight, scale), bias

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        return winograd.conv3x3(x, self.packed, self.bias, add, relu)


def kernel_of(
    x: Tensor, weight: Tensor, geometry: Geometry, native: bool
) -> type[PlainConv]:
    """What computes the convolution of a map.

    Args:
        x: (N, C, H, W).
        weight: (K, C, h, w).
        geometry: Stride, padding, dilation and groups.
        native: Whether the Winograd kernel may compute it.
    """
    if x.device.type != 'cpu' or x.dim() != 4 or x.numel() == 0:
        return PlainConv
    if native and uses_winograd(x, weight, geometry):
        return WinogradConv
    return OneDNNConv if onednn_computes(x.dtype) else PlainConv


def onednn_computes(dtype: torch.dtype) -> bool:
    """Whether oneDNN's fused operators take this type on this processor.

    For bfloat16 they ask for AVX-512 or AVX-NE-CONVERT and raise an error without;
    torch's own convolution computes it on any processor.
    """
    if not (torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled):
        return False
    if dtype == torch.bfloat16:
        return torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return dtype == torch.float32


def uses_winograd(x: Tensor, weight: Tensor, geometry: Geometry) -> bool:
    """Whether the Winograd kernel computes this convolution, and faster; measured."""
    plain = geometry == PLAIN_3X3 and weight.shape[2:] == (3, 3)
    return plain and x.dtype == torch.float32 and min(weight.shape[:2]) >= 32
