"""A convolution is computed by oneDNN's fused operator, Winograd's kernel or torch.

oneDNN's operators are those that torch.compile calls. They need no compiler and work on
channels-last maps. Where neither applies, plain torch computes the same.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..native import winograd

CHANNELS_LAST = torch.channels_last


class Geometry(NamedTuple):
    """A `Geometry` tells how a convolution moves over its map.

    The attributes are in the order of torch's arguments. They give
    H' = floor((H + 2 padding - dilation (h - 1) - 1) / stride) + 1, likewise W'.
    """

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    @classmethod
    def of(cls, conv: nn.Conv2d) -> Geometry:
        """Return the geometry of a layer."""
        assert not isinstance(conv.padding, str)  # see can_fold
        return cls(conv.stride, conv.padding, conv.dilation, conv.groups)


# The Winograd kernel computes only this: (N, C, H, W) -> (N, K, H, W).
PLAIN_3X3 = Geometry((1, 1), (1, 1), (1, 1), 1)


def autocast(x: Tensor) -> Tensor:
    """Convert a map to the type that torch.autocast asks for.

    Autocast does not reach the fused operators, so the conversion is done here.

    Args:
        x: Map of any floating type; float64 stays.
    """
    kind = x.device.type
    if x.dtype == torch.float64 or not torch.is_autocast_enabled(kind):
        return x
    return x.to(torch.get_autocast_dtype(kind))


def multiply(weight: Tensor, scale: Tensor | None) -> Tensor:
    """Return a weight (K, C, h, w) times a scale (K,), if there is one."""
    # (K,) -> (K, 1, 1, 1): one factor per output channel
    return weight if scale is None else weight * scale[:, None, None, None]


class PlainConv:
    """A `PlainConv` computes a convolution by torch's own operator.

    Args:
        weight: Weight of the convolution, (K, C, h, w).
        bias: Bias of the convolution, (K,), or None.
        geometry: Stride, padding, dilation and groups.
    """

    @classmethod
    def scaled(
        cls, weight: Tensor, scale: Tensor, bias: Tensor, geometry: Geometry
    ) -> PlainConv:
        """Return a convolution by weight * scale (K,), in the type of the bias."""
        return cls(multiply(weight, scale).to(bias.dtype), bias, geometry)

    def __init__(self, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> None:
        self.weight = weight.contiguous(memory_format=CHANNELS_LAST)
        self.bias = bias
        self.geometry = geometry

    def __call__(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """Map x (N, C, H, W) to ReLU(conv(x) + bias + add), in channels-last order.

        Args:
            x: Map (N, C, H, W), of any memory format.
            add: Addend (N, K, H', W') of any type and memory format, or None.
            relu: True if a ReLU follows.
        """
        # channels-last from here on, no copy if the map is so already
        x = x.contiguous(memory_format=CHANNELS_LAST)
        if add is not None:
            add = add.to(x.dtype).contiguous(memory_format=CHANNELS_LAST)
        return self.convolve(x, add, relu)

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """Compute the same for maps in channels-last order and of one type."""
        # (N, C, H, W) -> (N, K, H', W'); sum and ReLU are in place
        out = F.conv2d(x, self.weight, self.bias, *self.geometry)
        out = out if add is None else out.add_(add)
        return out.relu_() if relu else out


class OneDNNConv(PlainConv):
    """A `OneDNNConv` uses oneDNN's fused operator and order of the weight."""

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        stride, padding, dilation, groups = self.geometry
        if not self.weight.is_mkldnn:
            # The order depends on the shape of the map, here the first one; oneDNN
            # reorders the weight again for maps of other shapes.
            self.weight = torch.ops.mkldnn._reorder_convolution_weight(
                self.weight, padding, stride, dilation, groups, list(x.shape)
            )
        # (N, C, H, W) -> (N, K, H', W') with sum and ReLU, written to memory once
        operator = torch.ops.mkldnn._convolution_pointwise
        layout = (self.weight, self.bias, padding, stride, dilation, groups)
        if add is None:
            return operator(x, *layout, 'relu' if relu else 'none', [], '')
        after = 'relu' if relu else None
        return operator.binary(x, add, *layout, 'add', 1.0, after, [], '')


class WinogradConv(PlainConv):
    """A `WinogradConv` uses the Winograd kernel where `uses_winograd` says so.

    Args:
        weight: Weight before scaling, (K, C, 3, 3).
        bias: Bias of the convolution, (K,), or None.
        geometry: Must be `PLAIN_3X3`.
        scale: Factor of each output channel, (K,), or None for ones.
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
        # (K, C, 3, 3) -> U, 16 numbers for each k and c, in the kernel's order
        self.packed, self.bias = winograd.transform_weight(weight, scale), bias

    def convolve(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        return winograd.conv3x3(x, self.packed, self.bias, add, relu)


def kernel_of(
    x: Tensor, weight: Tensor, geometry: Geometry, native: bool
) -> type[PlainConv]:
    """Choose the class that computes the convolution of a map.

    Args:
        x: Map (N, C, H, W).
        weight: Weight of the convolution, (K, C, h, w).
        geometry: Stride, padding, dilation and groups.
        native: True if the Winograd kernel may compute it.
    """
    if x.device.type != 'cpu' or x.dim() != 4 or x.numel() == 0:
        return PlainConv
    if native and uses_winograd(x, weight, geometry):
        return WinogradConv
    return OneDNNConv if onednn_computes(x.dtype) else PlainConv


def onednn_computes(dtype: torch.dtype) -> bool:
    """Tell whether oneDNN's fused operators support a type on this processor.

    For bfloat16 they need AVX-512 or AVX-NE-CONVERT and raise an error without it;
    torch's own convolution computes it on any processor.
    """
    if not (torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled):
        return False
    if dtype == torch.bfloat16:
        return torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return dtype == torch.float32


def uses_winograd(x: Tensor, weight: Tensor, geometry: Geometry) -> bool:
    """Tell whether the Winograd kernel computes this convolution faster (measured)."""
    plain = geometry == PLAIN_3X3 and weight.shape[2:] == (3, 3)
    return plain and x.dtype == torch.float32 and min(weight.shape[:2]) >= 32
