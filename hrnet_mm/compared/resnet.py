"""The paper compares HRNet-Wx-C with these ResNets on ImageNet.

Paper: https://arxiv.org/abs/1908.07919, Table XV. The stem is that of HRNet: two 3x3
convolutions of stride 2, without pooling.

| depth        | stage 1     | stages 2 to 4 | at the end              |
|--------------|-------------|---------------|-------------------------|
| 50, 101, 152 | bottlenecks | bottlenecks   |                         |
| 38, 72, 106  | bottlenecks | two 3x3       | bottleneck, 512 to 2048 |

Both rows have the same numbers of units per stage. About the second row the paper only
says two 3x3 and the bottleneck at the end. With bottlenecks in stage 1, as in every
HRNet, these networks have 38, 72 and 106 layers (without the unit at the end) and
exactly the printed parameters and operations; with two 3x3 there they would have 0.2 M
parameters and 0.15 G operations less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from ..models.initialization import DEFAULT_INIT, BaseModule
from ..models.layers import BLOCKS, ConvNorm, Layers, stream
from ..shelves import MODELS


class Units(NamedTuple):
    """A `Units` describes one stage, residual units in sequence.

    Attributes:
        block: Residual unit, `'basic'` or `'bottleneck'`.
        width: Channels before the block's expansion.
        depth: Number of units.
        stride: Stride of the first unit.
    """

    block: str
    width: int
    depth: int
    stride: int


def resnet_stages(depths: Sequence[int], block: str) -> tuple[Units, ...]:
    """Return the stages of a ResNet that ends in 2048 channels.

    Stage 1 has bottlenecks. Basic blocks in the others are followed by one bottleneck,
    which widens 512 to 2048 channels.

    Args:
        depths: Number of units of each of the four stages.
        block: Residual unit of stages 2 to 4.
    """
    # Inner widths; bottlenecks give 256, 512, 1024, 2048 channels, basic blocks from
    # stage 2 on 128, 256, 512. Sizes: 1/4, 1/8, 1/16, 1/32 of the image.
    blocks = ('bottleneck', block, block, block)
    strides = (1, 2, 2, 2)
    widths = (64, 128, 256, 512)
    stages = tuple(map(Units, blocks, widths, depths, strides))
    widening = () if block == 'bottleneck' else (Units('bottleneck', 512, 1, 1),)
    return stages + widening


RESNETS = {
    38: resnet_stages((3, 4, 6, 3), 'basic'),
    72: resnet_stages((3, 4, 23, 3), 'basic'),
    106: resnet_stages((3, 8, 36, 3), 'basic'),
    50: resnet_stages((3, 4, 6, 3), 'bottleneck'),
    101: resnet_stages((3, 4, 23, 3), 'bottleneck'),
    152: resnet_stages((3, 8, 36, 3), 'bottleneck'),
}


@MODELS.register_module()
class ResNet(BaseModule):
    """This ResNet for classification has the stem of HRNet.

    Maps images (N, 3, H, W) to one map (N, 2048, ceil(H / 32), ceil(W / 32)) in a
    tuple.

    Args:
        depth: Number of layers: 38, 72, 106 (mostly two 3x3), 50, 101 or 152
            (bottlenecks).
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer, None for BatchNorm.
        init_cfg: mmengine's initialization; None for Kaiming (normal, fan out) and unit
            norms.

    Raises:
        ValueError: There is no network of this depth.
    """

    def __init__(
        self,
        depth: int,
        *,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        init_cfg: dict | Sequence[dict] | None = None,
    ) -> None:
        super().__init__(list(DEFAULT_INIT) if init_cfg is None else init_cfg)
        if depth not in RESNETS:
            known = ', '.join(map(str, RESNETS))
            raise ValueError(f'depth is one of {known}, got {depth!r}')
        layers = Layers(conv_cfg, norm_cfg or dict(type='BN'))
        # (N, 3, H, W) -> (N, 64, H/2, W/2) -> (N, 64, H/4, W/4)
        self.stem = nn.Sequential(
            ConvNorm(3, 64, 3, layers, stride=2, relu=True),
            ConvNorm(64, 64, 3, layers, stride=2, relu=True),
        )
        self.stages = nn.Sequential()
        channels = 64
        # Each stage but the first halves the resolution, in its first unit.
        for block, width, units, stride in RESNETS[depth]:
            self.stages.append(stream(block, channels, width, units, layers, stride))
            channels = width * BLOCKS[block].expansion
        self.out_channels = (channels,)

    def forward(self, image: Tensor) -> tuple[Tensor]:
        """Return the map of the last stage in a tuple."""
        # (N, 3, H, W) -> (N, 64, H/4, W/4) -> (N, 2048, H/32, W/32), rounded up
        return (self.stages(self.stem(image)),)
