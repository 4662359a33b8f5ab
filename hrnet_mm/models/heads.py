"""The representation heads turn HRNet's streams into features for one task.

They are HRNetV2p for detection, and HRNet-Wx-C with its variants for classification.

Papers: https://arxiv.org/abs/1904.04514, Figure 3 (c), and the appendix of
https://arxiv.org/abs/1908.07919, Tables XV and XVI. Each head takes the streams of the
body, from high to low resolution. Those for classification return a tuple of one
tensor, as mmpretrain's heads expect.

| name         | class            | what happens to the streams                       |
|--------------|------------------|---------------------------------------------------|
| HRNetV2p     | `HRFPN`          | concatenated, reduced, pooled to a pyramid        |
| HRNet-Wx-C   | `HRFuseScales`   | widened, then added from high to low resolution   |
| HRNet-Wx-Ci  | `HRPoolConcat`   | pooled, then concatenated                         |
| HRNet-Wx-Cii | `HRReduceConcat` | brought to the lowest resolution and concatenated |

HRNetV1 is the high-resolution stream alone (`HRNet(multiscale_output=False)`). HRNetV2
is computed by the toolboxes' segmentation heads (`input_transform='resize_concat'`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..shelves import MODELS
from .archs import Stage, resolve_arch
from .backbone import recompute
from .initialization import CAFFE2_XAVIER, DEFAULT_INIT, BaseModule
from .layers import Bottleneck, ConvLayer, Layers, stream

POOLINGS: dict[str, Callable[..., Tensor]] = {'AVG': F.avg_pool2d, 'MAX': F.max_pool2d}


def stream_channels(
    arch: str | Sequence[Stage] | None, in_channels: Sequence[int] | None
) -> tuple[int, ...]:
    """Return the channels of the streams that a representation head takes.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.

    Raises:
        ValueError: Both or neither are given, or the architecture is invalid.
    """
    if in_channels is not None and arch is None:
        return tuple(in_channels)
    if arch is None or in_channels is not None:
        raise ValueError(
            'give exactly one of arch and in_channels, '
            f'got arch={arch!r}, in_channels={in_channels!r}'
        )
    return resolve_arch(arch)[-1].out_channels


def check_streams(head: BaseModule, streams: Sequence[Tensor]) -> None:
    """Check that the streams have the channels that the head was built for.

    Raises:
        ValueError: The number of streams or their channels differ.
    """
    found = tuple(x.shape[1] for x in streams)
    if found != head.in_channels:
        raise ValueError(
            f'{type(head).__name__} was built for streams of {head.in_channels} '
            f'channels, got {found}. Give backbone and neck the same arch, and the '
            'backbone multiscale_output=True'
        )


@MODELS.register_module()
class HRFPN(BaseModule):
    """HRNetV2p builds a feature pyramid over all streams of HRNet.

    Paper: https://arxiv.org/abs/1904.04514, Figure 3 (c). The streams are up-sampled
    (bilinear) to the highest resolution, concatenated and reduced by a 1x1 convolution.
    Level i is that map, pooled by 2**i and passed through a 3x3 convolution. State-dict
    keys are those of mmdet's HRFPN.

    Maps streams (N, in_channels[r], H_r, W_r), from high to low resolution, to
    `num_outs` maps (N, out_channels, H_i, W_i) with H_i = max(1, floor(H_0 / 2**i)),
    divided by `stride` and rounded up; W_i likewise. Streams of any sizes work.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.
        out_channels: Channels of each level.
        num_outs: Number of levels.
        pooling_type: `'AVG'` or `'MAX'`.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer after each convolution; None for none.
        with_cp: True to recompute all activations in the backward pass.
        stride: Stride of the 3x3 convolutions; 2 for FCOS.
        init_cfg: mmengine's initialization.

    Raises:
        ValueError: Both or neither of `arch` and `in_channels` are given, or the
            pooling type is unknown.

    Example:
        >>> channels = (16, 32, 64, 128)
        >>> neck = HRFPN('w18_small_v1', out_channels=32)
        >>> neck.in_channels == channels
        True
        >>> streams = [torch.rand(1, c, 64 // 2**r, 96 // 2**r)
        ...            for r, c in enumerate(channels)]
        >>> for level in neck(streams):
        ...     print(tuple(level.shape))
        (1, 32, 64, 96)
        (1, 32, 32, 48)
        (1, 32, 16, 24)
        (1, 32, 8, 12)
        (1, 32, 4, 6)
    """

    def __init__(
        self,
        arch: str | Sequence[Stage] | None = None,
        *,
        in_channels: Sequence[int] | None = None,
        out_channels: int = 256,
        num_outs: int = 5,
        pooling_type: str = 'AVG',
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        with_cp: bool = False,
        stride: int = 1,
        init_cfg: dict | Sequence[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg or CAFFE2_XAVIER)
        if pooling_type not in POOLINGS:
            raise ValueError(
                f'pooling_type is one of {", ".join(POOLINGS)}, got {pooling_type!r}'
            )
        self.in_channels = stream_channels(arch, in_channels)
        self.out_channels = out_channels
        self.pool = POOLINGS[pooling_type]
        self.with_cp = with_cp
        layers = Layers(conv_cfg, norm_cfg)
        # For W18 the concatenation has 18 + 36 + 72 + 144 = 270 channels.
        self.reduction_conv = ConvLayer(sum(self.in_channels), out_channels, 1, layers)
        self.fpn_convs = nn.ModuleList(
            ConvLayer(out_channels, out_channels, 3, layers, stride=stride)
            for _ in range(num_outs)
        )

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return all levels of the pyramid, from high to low resolution."""
        check_streams(self, streams)
        if self.with_cp:
            return recompute(self, self.pyramid, streams)
        return self.pyramid(streams)

    def pyramid(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return what `forward` returns, without its checks."""
        # all (N, C_r, H_r, W_r) -> (N, out_channels, H_0, W_0)
        base = self.reduce(streams)
        # Level i is (N, out_channels, H_0 / 2**i, W_0 / 2**i), rounded down. All levels
        # are pooled before the first convolution: gradients are then summed in mmdet's
        # order.
        levels = [self.level(base, i) for i in range(len(self.fpn_convs))]
        # The 3x3 convolutions keep channels and size, or halve the size at stride 2.
        return tuple(
            conv(level) for conv, level in zip(self.fpn_convs, levels, strict=True)
        )

    def reduce(self, streams: Sequence[Tensor]) -> Tensor:
        """Return the base of the pyramid, (N, out_channels, H_0, W_0)."""
        size = streams[0].shape[-2:]
        # (N, C_r, H_r, W_r) -> (N, C_r, H_0, W_0): all at the highest resolution
        lower = [F.interpolate(x, size, mode='bilinear') for x in streams[1:]]
        # -> (N, C_0 + C_1 + C_2 + C_3, H_0, W_0) -> (N, out_channels, H_0, W_0)
        return self.reduction_conv(torch.cat([streams[0], *lower], dim=1))

    def level(self, base: Tensor, i: int) -> Tensor:
        """Return the base pooled by 2**i, at least one pixel high and wide."""
        if i == 0:
            return base
        # (N, C, H, W) -> (N, C, H / 2**i, W / 2**i), rounded down. A window larger than
        # the map would be an error, so it ends at the map's size.
        kernel = [min(2**i, extent) for extent in base.shape[-2:]]
        return self.pool(base, kernel)


@MODELS.register_module()
class HRFuseScales(BaseModule):
    """HRNet-Wx-C widens the streams, then adds them from high to low resolution.

    A bottleneck widens stream r to 128 * 2**r channels. A 3x3 convolution of stride 2
    brings the sum so far to the size of the next stream, which is added to it. A 1x1
    convolution follows the last sum. State-dict keys are those of mmpretrain's class of
    the same name, which has no biases before the norms; the biases of official
    checkpoints go into the running means.

    Maps streams (N, in_channels[r], H_r, W_r), H_{r+1} = ceil(H_r / 2), as HRNet makes
    them of any image, to one map (N, out_channels, H_3, W_3) in a tuple.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.
        out_channels: Channels of the map.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer, None for BatchNorm.
        init_cfg: mmengine's initialization; None for Kaiming (normal, fan out) and unit
            norms.

    Raises:
        ValueError: Both or neither of `arch` and `in_channels` are given.

    Example:
        >>> head = HRFuseScales('w18_small_v1').eval()
        >>> streams = [torch.rand(1, c, 16 // 2**r, 16 // 2**r)
        ...            for r, c in enumerate(head.in_channels)]
        >>> [tuple(x.shape[1:]) for x in streams]
        [(16, 16, 16), (32, 8, 8), (64, 4, 4), (128, 2, 2)]
        >>> (out,) = head(streams)
        >>> tuple(out.shape)
        (1, 2048, 2, 2)
    """

    def __init__(
        self,
        arch: str | Sequence[Stage] | None = None,
        *,
        in_channels: Sequence[int] | None = None,
        out_channels: int = 2048,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        init_cfg: dict | Sequence[dict] | None = None,
    ) -> None:
        super().__init__(list(DEFAULT_INIT) if init_cfg is None else init_cfg)
        self.in_channels = stream_channels(arch, in_channels)
        self.out_channels = out_channels
        layers = Layers(conv_cfg, norm_cfg or dict(type='BN'))
        # For four streams: bottlenecks of 32, 64, 128, 256 inner channels, which give
        # 128, 256, 512, 1024.
        widths = [32 * 2**r for r in range(len(self.in_channels))]
        widened = [width * Bottleneck.expansion for width in widths]
        # stream r: (N, C_r, H_r, W_r) -> (N, 128 * 2**r, H_r, W_r)
        self.increase_layers = nn.ModuleList(
            stream('bottleneck', channels, width, 1, layers)
            for channels, width in zip(self.in_channels, widths, strict=True)
        )
        # r to r + 1: (N, C, H, W) -> (N, 2C, ceil(H / 2), ceil(W / 2))
        self.downsample_layers = nn.ModuleList(
            ConvLayer(high, low, 3, layers, stride=2, relu=True)
            for high, low in pairwise(widened)
        )
        self.final_layer = ConvLayer(widened[-1], out_channels, 1, layers, relu=True)

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """Return the fused map of the whole image in a tuple, see the class."""
        check_streams(self, streams)
        # 128, 256, 512 and 1024 channels from here on; sizes stay
        maps = [
            widen(x) for widen, x in zip(self.increase_layers, streams, strict=True)
        ]
        fused = maps[0]
        for downsample, lower in zip(self.downsample_layers, maps[1:], strict=True):
            # (N, C, H_r, W_r) -> (N, 2C, H_{r+1}, W_{r+1}), the shape of `lower`
            fused = downsample(fused) + lower
        # (N, 1024, H_3, W_3) -> (N, out_channels, H_3, W_3)
        return (self.final_layer(fused),)


@MODELS.register_module()
class HRPoolConcat(nn.Module):
    """HRNet-Wx-Ci concatenates the global average poolings of all streams.

    Maps streams (N, C_r, H_r, W_r) of any sizes to (N, sum of all C_r), in a tuple.

    Example:
        >>> streams = [torch.ones(2, c, 8, 8) for c in (16, 32, 64, 128)]
        >>> (out,) = HRPoolConcat()(streams)
        >>> tuple(out.shape)
        (2, 240)
    """

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """Return the concatenated means, from high to low resolution, in a tuple."""
        # each (N, C_r, H_r, W_r) -> (N, C_r), all together (N, C_0 + C_1 + C_2 + C_3)
        return (torch.cat([x.mean((2, 3)) for x in streams], dim=1),)


@MODELS.register_module()
class HRReduceConcat(BaseModule):
    """HRNet-Wx-Cii brings all streams to the lowest resolution and concatenates them.

    Each stream gets 512 channels by bottlenecks of stride 2, which double the channels
    step by step: 128, 256, 512 from the highest stream, 256, 512 from the next, 512
    from the third. The lowest stream goes through a single bottleneck of stride 1. The
    paper prints neither the number of bottlenecks nor their channels: these have the
    parameters and the operations of its three networks (Table XVI), to every digit.

    Maps streams (N, in_channels[r], H_r, W_r), H_{r+1} = ceil(H_r / 2), as HRNet makes
    them of any image, to one map (N, 512 * number of streams, H_3, W_3) in a tuple.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer, None for BatchNorm.
        init_cfg: mmengine's initialization; None for Kaiming (normal, fan out) and unit
            norms.

    Raises:
        ValueError: Both or neither of `arch` and `in_channels` are given.

    Example:
        >>> head = HRReduceConcat('w18_small_v1').eval()
        >>> streams = [torch.rand(1, c, 16 // 2**r, 16 // 2**r)
        ...            for r, c in enumerate(head.in_channels)]
        >>> (out,) = head(streams)
        >>> tuple(out.shape)
        (1, 2048, 2, 2)
    """

    def __init__(
        self,
        arch: str | Sequence[Stage] | None = None,
        *,
        in_channels: Sequence[int] | None = None,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        init_cfg: dict | Sequence[dict] | None = None,
    ) -> None:
        super().__init__(list(DEFAULT_INIT) if init_cfg is None else init_cfg)
        self.in_channels = stream_channels(arch, in_channels)
        self.out_channels = 512 * len(self.in_channels)
        layers = Layers(conv_cfg, norm_cfg or dict(type='BN'))
        lowest = len(self.in_channels) - 1
        # stream r: (N, C_r, H_r, W_r) -> (N, 512, H_3, W_3), in 3 - r halvings
        self.reduce_layers = nn.ModuleList(
            self.path(channels, lowest - r, layers)
            for r, channels in enumerate(self.in_channels)
        )

    @staticmethod
    def path(in_channels: int, steps: int, layers: Layers) -> nn.Sequential:
        """Return bottlenecks that halve the resolution `steps` times, to 512 channels.

        Args:
            in_channels: Channels of the stream.
            steps: Number of bottlenecks of stride 2; 0 for a single one of stride 1.
            layers: Kinds of convolution and norm layers.
        """
        if steps == 0:
            # (N, in_channels, H, W) -> (N, 512, H, W)
            return nn.Sequential(Bottleneck(in_channels, 128, layers))
        # For 3 steps: inner widths 32, 64, 128, hence 128, 256, 512 channels at 1/2,
        # 1/4 and 1/8 of the stream's size.
        widths = [128 // 2**step for step in reversed(range(steps))]
        inputs = [in_channels, *(w * Bottleneck.expansion for w in widths[:-1])]
        pairs = zip(inputs, widths, strict=True)
        return nn.Sequential(*(Bottleneck(c, width, layers, 2) for c, width in pairs))

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """Return the concatenated maps, from high to low resolution, in a tuple."""
        check_streams(self, streams)
        # each (N, C_r, H_r, W_r) -> (N, 512, H_3, W_3)
        maps = [
            reduce(x) for reduce, x in zip(self.reduce_layers, streams, strict=True)
        ]
        # -> (N, 2048, H_3, W_3) for four streams
        return (torch.cat(maps, dim=1),)
