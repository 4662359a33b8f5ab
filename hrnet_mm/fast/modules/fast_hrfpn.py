"""HRNetV2p is optimized here by 1x1 convolutions before up-sampling."""

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
    """Compute a 1x1 convolution of the up-sampled, concatenated streams.

    Neither the up-sampled nor the concatenated streams are stored. Interpolation is
    linear and the same for every channel, so each stream can be convolved at its own
    resolution first. For HRNet's channels that takes 8 times fewer multiplications.

    Args:
        streams: Maps (N, C_r, H_r, W_r), from high to low resolution.
        weight: Weight of the convolution, (K, sum of all C_r, 1, 1).
        bias: Bias of the convolution, (K,), or None.
        align_corners: Same as in `F.interpolate`.

    Returns:
        Map (N, K, H_0, W_0).
    """
    highest, *lower = streams
    # (K, sum of all C_r, 1, 1) -> one weight (K, C_r, 1, 1) per stream
    first, *rest = weight.to(highest.dtype).split([x.shape[1] for x in streams], dim=1)
    # (N, C_0, H_0, W_0) -> (N, K, H_0, W_0); the bias is added once, here
    out = F.conv2d(highest, first, None if bias is None else bias.to(highest.dtype))
    for x, part in zip(lower, rest, strict=True):
        # (N, C_r, H_r, W_r) -> (N, K, H_r, W_r) -> (N, K, H_0, W_0)
        low = F.conv2d(x, part)
        out += F.interpolate(
            low, out.shape[-2:], mode='bilinear', align_corners=align_corners
        )
    return out


class FastHRFPN(Fast, HRFPN):
    """This HRFPN reduces the streams before it up-samples and sums them."""

    @classmethod
    def suits(cls, module: HRFPN) -> bool:
        reduction = module.reduction_conv
        return not reduction.with_norm and can_fold(reduction.conv)

    def pyramid(self, streams: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return the levels from high to low resolution, each pooled from the last."""
        # channels-last from here on; all streams -> (N, out_channels, H_0, W_0)
        levels = [self.reduce([self.enter(x) for x in streams])]
        for i in range(1, len(self.fpn_convs)):
            # (N, K, H, W) -> (N, K, H/2, W/2), rounded down, reads less memory than
            # pooling the base by 2**i; a side of one pixel cannot be halved.
            halves = min(levels[0].shape[-2:]) >= 2**i
            levels.append(
                self.pool(levels[-1], 2) if halves else self.level(levels[0], i)
            )
        outs = (conv(level) for conv, level in zip(self.fpn_convs, levels, strict=True))
        return tuple(self.leave(x) for x in outs)

    def reduce(self, streams: Sequence[Tensor]) -> Tensor:
        """Return the base of the pyramid, (N, out_channels, H_0, W_0)."""
        conv = Unit.of(self.reduction_conv.conv).conv
        return sum_before_upsampling(streams, conv.weight, conv.bias)
