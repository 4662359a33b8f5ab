"""The representation heads: HRNetV2p for detection, and HRNet-Wx-C with its variants.

Papers: https://arxiv.org/abs/1904.04514, Figure 3 (c), and the appendix of
https://arxiv.org/abs/1908.07919, Tables XV and XVI. Each head takes the streams of the
body, from high to low resolution; those of classification put out one tuple of one
tensor, as mmpretrain's heads take it.

| name         | class            | what becomes of the streams                       |
|--------------|------------------|---------------------------------------------------|
| HRNetV2p     | `HRFPN`          | concatenated, reduced, pooled to a pyramid        |
| HRNet-Wx-C   | `HRFuseScales`   | widened, then added from high to low resolution   |
| HRNet-Wx-Ci  | `HRPoolConcat`   | pooled, then concatenated                         |
| HRNet-Wx-Cii | `HRReduceConcat` | brought to the lowest resolution and concatenated |

HRNetV1 is the highest stream alone (`HRNet(multiscale_output=False)`); HRNetV2 is what
the toolboxes' segmentation heads do (`input_transform='resize_concat'`).
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
    """Channels of the streams that a representation head takes.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.

    Raises:
        ValueError: Both or neither, or the architecture is none.
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
    """The streams must be those that the representation head was built for.

    Raises:
        ValueError: Number or channels differ.
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
    """HRNetV2p: a feature pyramid over all streams of HRNet.

    Paper: https://arxiv.org/abs/1904.04514, Figure 3 (c). The streams are up-sampled
    (bilinear) to the highest resolution, concatenated and reduced by a 1x1 convolution;
    level i is that map pooled by 2**i and passed through a 3x3 convolution. State-dict
    keys are those of mmdet's HRFPN.

    Maps streams (N, in_channels[r], H_r, W_r), from high to low resolution, to
    `num_outs` maps (N, out_channels, H_i, W_i): H_0 = H, H_i = max(1, floor(H / 2**i)),
    both divided by `stride` and rounded up. Any sizes work.

    Args:
        arch: The backbone's architecture, a name or `Stage` tuples. Exactly one of
            `arch` and `in_channels` is given.
        in_channels: Channels of each stream.
        out_channels: Channels of each level.
        num_outs: Number of levels.
        pooling_type: `'AVG'` or `'MAX'`.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer after each convolution; None for none.
        with_cp: Recompute everything in the backward pass.
        stride: Stride of the 3x3 convolutions; 2 for FCOS.
        init_cfg: mmengine's initialization.

    Raises:
        ValueError: Both or neither of `arch` and `in_channels`, an unknown pooling
            type.
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
        init_cfg: dict | None = None,
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
        self.reduction_conv = ConvLayer(sum(self.in_channels), out_channels, 1, layers)
        self.fpn_convs = nn.ModuleList(
            ConvLayer(out_channels, out_channels, 3, layers, stride=stride)
            for _ in range(num_outs)
        )

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """All levels, from high to low resolution."""
        check_streams(self, streams)
        if self.with_cp:
            return recompute(self, self.pyramid, streams)
        return self.pyramid(streams)

    def pyramid(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """`forward` without the checks."""
        base = self.reduce(streams)
        # All levels first: gradients are then summed in mmdet's order.
        levels = [self.level(base, i) for i in range(len(self.fpn_convs))]
        return tuple(conv(level) for conv, level in zip(self.fpn_convs, levels))

    def reduce(self, streams: Sequence[Tensor]) -> Tensor:
        """The base of the pyramid, (N, out_channels, H, W), of the highest stream."""
        size = streams[0].shape[-2:]
        lower = [F.interpolate(x, size, mode='bilinear') for x in streams[1:]]
        return self.reduction_conv(torch.cat([streams[0], *lower], dim=1))

    def level(self, base: Tensor, i: int) -> Tensor:
        """The base pooled by 2**i, to one pixel at least."""
        if i == 0:
            return base
        kernel = [min(2**i, extent) for extent in base.shape[-2:]]
        return self.pool(base, kernel)


@MODELS.register_module()
class HRFuseScales(BaseModule):
    """HRNet-Wx-C: the streams are widened, then added from high to low resolution.

    A bottleneck widens stream r to 128 * 2**r channels. A 3x3 convolution of stride 2
    brings the sum so far to the next stream, which is added; a 1x1 convolution ends it.
    State-dict keys, and the missing biases before the norms, are those of mmpretrain's
    class of the same name; the official code's biases go into the running means.

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
        ValueError: Both or neither of `arch` and `in_channels`.
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
        widths = [32 * 2**r for r in range(len(self.in_channels))]
        widened = [width * Bottleneck.expansion for width in widths]
        self.increase_layers = nn.ModuleList(
            stream('bottleneck', channels, width, 1, layers)
            for channels, width in zip(self.in_channels, widths)
        )
        self.downsample_layers = nn.ModuleList(
            ConvLayer(high, low, 3, layers, stride=2, relu=True)
            for high, low in pairwise(widened)
        )
        self.final_layer = ConvLayer(widened[-1], out_channels, 1, layers, relu=True)

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """The map of the whole image, see the class."""
        check_streams(self, streams)
        maps = [widen(x) for widen, x in zip(self.increase_layers, streams)]
        fused = maps[0]
        for downsample, lower in zip(self.downsample_layers, maps[1:]):
            fused = downsample(fused) + lower
        return (self.final_layer(fused),)


@MODELS.register_module()
class HRPoolConcat(nn.Module):
    """HRNet-Wx-Ci: each stream is pooled to its means, and these are concatenated.

    Maps streams (N, C_r, H_r, W_r) of any sizes to (N, sum of all C_r), in a tuple.
    """

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """The means, from high to low resolution."""
        return (torch.cat([x.mean((2, 3)) for x in streams], dim=1),)


@MODELS.register_module()
class HRReduceConcat(BaseModule):
    """HRNet-Wx-Cii: all streams at the lowest resolution with 512 channels each.

    Bottlenecks of stride 2 do it, which double the channels on their way: 128, 256, 512
    from the highest stream, 256, 512 from the next, 512 from the third; the lowest one
    goes through a single bottleneck of stride 1. The paper prints neither their number
    nor their channels: this is what has the parameters and the operations of its three
    networks (Table XVI), to every digit.

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
        ValueError: Both or neither of `arch` and `in_channels`.
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
        self.reduce_layers = nn.ModuleList(
            self.path(channels, lowest - r, layers)
            for r, channels in enumerate(self.in_channels)
        )

    @staticmethod
    def path(in_channels: int, steps: int, layers: Layers) -> nn.Sequential:
        """Bottlenecks that halve the resolution `steps` times, to 512 channels."""
        if steps == 0:
            return nn.Sequential(Bottleneck(in_channels, 128, layers))
        widths = [128 // 2**step for step in reversed(range(steps))]
        inputs = [in_channels, *(width * Bottleneck.expansion for width in widths)]
        return nn.Sequential(
            *(Bottleneck(c, width, layers, 2) for c, width in zip(inputs, widths))
        )

    def forward(self, streams: Sequence[Tensor]) -> tuple[Tensor]:
        """The concatenation, from high to low resolution."""
        check_streams(self, streams)
        maps = [reduce(x) for reduce, x in zip(self.reduce_layers, streams)]
        return (torch.cat(maps, dim=1),)
