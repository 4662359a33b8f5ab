"""HRNetV2p by other arithmetic: 1x1 convolutions before up-sampling."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from ...models.heads import HRFPN
from ..operators.convolution import Unit, can_fold
from .fast_layers import Fast


def sum_before_upsampling(
    streams: Sequence[Tensor],
    weight: Tensor,
    bias: Tensor | None,
    align_corners: bool = False,
) -> Tensor:
    """A 1x1 convolution of the up-sampled, concatenated streams, without these.

    Interpolation is linear and the same for every channel, so each stream can be
    convolved at its own resolution first: 8 times fewer multiplications for HRNet's
    channels, and nothing is concatenated.

    Args:
        streams: Maps (N, C_r, H_r, W_r), from high to low resolution.
        weight: (K, sum of all C_r, 1, 1).
        bias: (K,) or None.
        align_corners: As in `F.interpolate`.

    Returns:
        (N, K, H_0, W_0).
    """
    highest, *lower = streams
    first, *rest = weight.to(highest.dtype).split([x.shape[1] for x in streams], dim=1)
    out = F.conv2d(highest, first, None if bias is None else bias.to(highest.dtype))
    for x, part in zip(lower, rest):
        low = F.conv2d(x, part)
        out += F.interpolate(
            low, out.shape[-2:], mode='bilinear', align_corners=align_corners
        )
    return out


class FastHRFPN(Fast, HRFPN):
    """HRFPN whose streams are reduced before they are up-sampled and summed."""

    @classmethod
    def suits(cls, module: HRFPN) -> bool:
        reduction = module.reduction_conv
        return not reduction.with_norm and can_fold(reduction.conv)

    def pyramid(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Levels from high to low resolution, each pooled from the one before."""
        levels = [self.reduce([self.enter(x) for x in streams])]
        for i in range(1, len(self.fpn_convs)):
            halves = min(levels[0].shape[-2:]) >= 2**i
            levels.append(
                self.pool(levels[-1], 2) if halves else self.level(levels[0], i)
            )
        outs = (conv(level) for conv, level in zip(self.fpn_convs, levels))
        return tuple(self.leave(x) for x in outs)

    def reduce(self, streams: Sequence[Tensor]) -> Tensor:
        """The base of the pyramid, (N, out_channels, H, W), of the highest stream."""
        conv = Unit.of(self.reduction_conv.conv).conv
        return sum_before_upsampling(streams, conv.weight, conv.bias)
