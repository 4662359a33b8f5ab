"""Convolutions, residual units and streams: nothing here knows about resolutions.

The attribute names are those of every released checkpoint (`conv1`, `bn1`,
`downsample`, ...), whatever layers `conv_cfg` and `norm_cfg` ask for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mmcv.cnn import build_conv_layer, build_norm_layer
from torch import Tensor, nn


class Layers(NamedTuple):
    """What a convolution and a norm layer are in one network (OpenMMLab's dicts)."""

    conv_cfg: dict[str, Any] | None
    norm_cfg: dict[str, Any]

    def conv(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1
    ) -> nn.Module:
        """A convolution without bias that keeps the size, divided by `stride`."""
        return build_conv_layer(
            self.conv_cfg,
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            bias=False,
        )

    def norm(self, channels: int) -> nn.Module:
        """A norm layer."""
        return build_norm_layer(self.norm_cfg, channels)[1]


class ConvNorm(nn.Sequential):
    """Convolution (key `0`), norm (key `1`) and, with `relu`, a ReLU."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        layers: Layers,
        *,
        stride: int = 1,
        relu: bool = False,
    ) -> None:
        super().__init__(
            layers.conv(in_channels, out_channels, kernel_size, stride),
            layers.norm(out_channels),
            *([nn.ReLU(inplace=True)] if relu else []),
        )


def shortcut(
    in_channels: int, out_channels: int, layers: Layers, stride: int
) -> nn.Module:
    """What a residual unit adds: its input, projected where width or size change."""
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    return ConvNorm(in_channels, out_channels, 1, layers, stride=stride)


class BasicBlock(nn.Module):
    """Residual unit of two 3x3 convolutions.

    Maps (N, in_channels, H, W) to (N, width, H, W), H and W divided by `stride`.
    """

    expansion = 1

    def __init__(
        self, in_channels: int, width: int, layers: Layers, stride: int = 1
    ) -> None:
        super().__init__()
        self.conv1 = layers.conv(in_channels, width, 3, stride)
        self.bn1 = layers.norm(width)
        self.conv2 = layers.conv(width, width, 3)
        self.bn2 = layers.norm(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(in_channels, width, layers, stride)

    @property
    def last_norm(self) -> nn.Module:
        """The norm before the sum; with zero weights the unit is its shortcut."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """Residual unit 1x1, 3x3, 1x1 whose last convolution widens by 4.

    Maps (N, in_channels, H, W) to (N, 4 * width, H, W), H and W divided by `stride`.
    """

    expansion = 4

    def __init__(
        self, in_channels: int, width: int, layers: Layers, stride: int = 1
    ) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = layers.conv(in_channels, width, 1)
        self.bn1 = layers.norm(width)
        self.conv2 = layers.conv(width, width, 3, stride)
        self.bn2 = layers.norm(width)
        self.conv3 = layers.conv(width, out_channels, 1)
        self.bn3 = layers.norm(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(in_channels, out_channels, layers, stride)

    @property
    def last_norm(self) -> nn.Module:
        """The norm before the sum; with zero weights the unit is its shortcut."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += self.downsample(x)
        return self.relu(out)


BLOCKS = {'basic': BasicBlock, 'bottleneck': Bottleneck}


def stream(
    block: str,
    in_channels: int,
    width: int,
    depth: int,
    layers: Layers,
    stride: int = 1,
) -> nn.Sequential:
    """Residual units in a row at one resolution, to which the first unit comes.

    Maps (N, in_channels, H, W) to (N, width * expansion, H, W), H and W divided by
    `stride`.
    """
    unit = BLOCKS[block]
    inputs = [in_channels] + [width * unit.expansion] * (depth - 1)
    strides = [stride] + [1] * (depth - 1)
    return nn.Sequential(
        *(
            unit(channels, width, layers, step)
            for channels, step in zip(inputs, strides)
        )
    )
