"""HRNetV2p, and what all representation heads know of the streams they take."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..shelves import MODELS
from .archs import Stage, resolve_arch
from .base import recompute
from .initialization import CAFFE2_XAVIER, BaseModule
from .layers import ConvLayer, Layers

POOLINGS = {'AVG': F.avg_pool2d, 'MAX': F.max_pool2d}


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
    if (arch is None) == (in_channels is None):
        raise ValueError(
            'give exactly one of arch and in_channels, '
            f'got arch={arch!r}, in_channels={in_channels!r}'
        )
    return resolve_arch(arch)[-1].out_channels if arch else tuple(in_channels)


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
