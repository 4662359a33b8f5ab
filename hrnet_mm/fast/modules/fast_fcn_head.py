"""mmseg's FCN head on HRNet by other arithmetic: 1x1 convolutions before up-sampling.

The toolbox up-samples and concatenates all streams, 720 channels of W48 at a quarter of
the image's size, convolves, normalizes and classifies them: each step reads and writes
that map. Here streams are convolved at their own resolution, and the rest is done for a
few rows at a time, which stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads import FCNHead
from torch import Tensor, nn

from ..operators.convolution import Unit, can_fold
from .fast_hrfpn import sum_before_upsampling
from .fast_layers import Fast

# Bytes of a band of rows: what two processor cores keep in their caches.
BAND_BYTES = 4 * 2**20


class FastFCNHead(Fast, FCNHead):
    """`FCNHead` of 1x1 convolutions on concatenated streams.

    Maps the streams to class scores (N, num_classes, H, W) of the highest one's size.
    """

    align_corners: bool
    channels: int
    cls_seg: Callable[[Tensor], Tensor]
    conv_seg: nn.Conv2d
    convs: nn.Sequential
    in_index: Sequence[int]

    @classmethod
    def suits(cls, module: FCNHead) -> bool:
        return (
            module.input_transform == 'resize_concat'
            and module.kernel_size == 1
            and module.num_convs > 0
            and not module.concat_input
            and isinstance(module.convs[0].activate, torch.nn.ReLU)
            and can_fold(module.convs[0].conv, module.convs[0].norm)
        )

    def prepare(self) -> None:
        first: ConvModule = self.convs[0]
        self.first = self.folded(Unit(first.conv, first.norm))
        self.classify = self.folded(Unit(self.conv_seg))

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Class scores of the streams."""
        streams = [self.enter(inputs[i]) for i in self.in_index]
        if self.training or torch.is_grad_enabled():
            return self.cls_seg(self.convs[1:](self.first_features(streams)))
        return self.leave(self.scores_by_bands(streams))

    def first_features(self, streams: Sequence[Tensor]) -> Tensor:
        """What the first convolution, its norm and ReLU make of all streams."""
        layer: ConvModule = self.convs[0]
        conv = layer.conv
        x = sum_before_upsampling(streams, conv.weight, conv.bias, self.align_corners)
        return layer.activate(layer.norm(x))

    def scores_by_bands(self, streams: Sequence[Tensor]) -> Tensor:
        """Class scores, a few rows at a time."""
        highest, *lower = streams
        n, _, height, width = highest.shape
        weight, bias = self.first.fold(highest.dtype)
        first, *rest = weight.split([x.shape[1] for x in streams], dim=1)
        lower = [F.conv2d(x, part) for x, part in zip(lower, rest)]
        scores = highest.new_empty(
            (n, self.conv_seg.out_channels, height, width)
        ).contiguous(memory_format=torch.channels_last)
        row_bytes = n * self.channels * width * highest.element_size()
        for rows in _bands(height, max(1, BAND_BYTES // row_bytes)):
            band = F.conv2d(highest[:, :, rows], first, bias)
            for x in lower:
                _add_rows(band, x, rows, height, self.align_corners)
            scores[:, :, rows] = self.classify(self.convs[1:](band.relu_()))
        return scores


def _bands(height: int, rows: int) -> Iterator[slice]:
    for start in range(0, height, rows):
        yield slice(start, min(start + rows, height))


def _add_rows(
    band: Tensor, low: Tensor, rows: slice, height: int, align_corners: bool
) -> None:
    """Add rows of the bilinearly enlarged map `low` to `band`, in place.

    Args:
        band: Rows of the enlarged map, (N, C, rows, W).
        low: (N, C, h, w).
        rows: Which rows of the enlarged map.
        height: Rows of the whole enlarged map.
        align_corners: As in `F.interpolate`.
    """
    where = _source_rows(rows, height, low.shape[2], align_corners).to(low.device)
    above = where.floor().long()
    below = (above + 1).clamp_(max=low.shape[2] - 1)
    top, bottom = int(above[0]), int(below[-1]) + 1
    part = F.interpolate(
        low[:, :, top:bottom],
        (bottom - top, band.shape[3]),
        mode='bilinear',
        align_corners=align_corners,
    )
    share = (where - above).to(low.dtype)[:, None]
    band.addcmul_(part[:, :, above - top], 1 - share)
    band.addcmul_(part[:, :, below - top], share)


def _source_rows(
    rows: slice, height: int, low_height: int, align_corners: bool
) -> Tensor:
    """The rows of the low map, fractions, from which those of the high one come."""
    index = torch.arange(rows.start, rows.stop, dtype=torch.float64)
    if align_corners:
        return index * ((low_height - 1) / max(height - 1, 1))
    return ((index + 0.5) * (low_height / height) - 0.5).clamp_(min=0)
