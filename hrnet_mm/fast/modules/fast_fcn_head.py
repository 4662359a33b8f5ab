"""mmseg's FCN head is optimized for HRNet by 1x1 convolutions before up-sampling.

The toolbox up-samples and concatenates all streams (for W48 720 channels at a quarter
of the image's size), then convolves, normalizes and classifies them. Each step reads
and writes a map of that size. Here each stream is convolved at its own resolution, and
the rest is done for a few rows at a time, which stay in the processor's cache.
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

# Size of a band of rows: as much as fits in the caches of two processor cores.
BAND_BYTES = 4 * 2**20


class FastFCNHead(Fast, FCNHead):
    """This `FCNHead` never stores the concatenated streams.

    It serves heads of 1x1 convolutions. Maps the streams to class scores
    (N, num_classes, H_0, W_0), the size of the highest stream.
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
        """Return the class scores of the streams, (N, num_classes, H_0, W_0)."""
        # (N, C_r, H_r, W_r), channels-last and in the chosen type from here on
        streams = [self.enter(inputs[i]) for i in self.in_index]
        if self.training or torch.is_grad_enabled():
            return self.cls_seg(self.convs[1:](self.first_features(streams)))
        return self.leave(self.scores_by_bands(streams))

    def first_features(self, streams: Sequence[Tensor]) -> Tensor:
        """Return the result of the first convolution, its norm and ReLU."""
        layer: ConvModule = self.convs[0]
        conv = layer.conv
        # all (N, C_r, H_r, W_r) -> (N, channels, H_0, W_0)
        x = sum_before_upsampling(streams, conv.weight, conv.bias, self.align_corners)
        return layer.activate(layer.norm(x))

    def scores_by_bands(self, streams: Sequence[Tensor]) -> Tensor:
        """Return the class scores, computed for a few rows at a time."""
        highest, *lower = streams
        n, _, height, width = highest.shape
        # (channels, sum of all C_r, 1, 1) -> a weight (channels, C_r, 1, 1) per stream
        weight, bias = self.first.fold(highest.dtype)
        first, *rest = weight.split([x.shape[1] for x in streams], dim=1)
        # (N, C_r, H_r, W_r) -> (N, channels, H_r, W_r), not yet enlarged
        lower = [F.conv2d(x, part) for x, part in zip(lower, rest, strict=True)]
        scores = highest.new_empty(
            (n, self.conv_seg.out_channels, height, width)
        ).contiguous(memory_format=torch.channels_last)
        row_bytes = n * self.channels * width * highest.element_size()
        for rows in _bands(height, max(1, BAND_BYTES // row_bytes)):
            # (N, C_0, rows, W_0) -> (N, channels, rows, W_0)
            band = F.conv2d(highest[:, :, rows], first, bias)
            for x in lower:
                _add_rows(band, x, rows, height, self.align_corners)
            # -> (N, num_classes, rows, W_0)
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
        low: Map to be enlarged, (N, C, h, w).
        rows: Range of the band's rows in the enlarged map.
        height: Number of rows of the whole enlarged map.
        align_corners: Same as in `F.interpolate`.
    """
    # Each row of the band lies between two rows of `low`, or on one of them.
    where = _source_rows(rows, height, low.shape[2], align_corners).to(low.device)
    above = where.floor().long()
    below = (above + 1).clamp_(max=low.shape[2] - 1)
    top, bottom = int(above[0]), int(below[-1]) + 1
    # (N, C, bottom - top, w) -> (N, C, bottom - top, W): only the width is enlarged
    part = F.interpolate(
        low[:, :, top:bottom],
        (bottom - top, band.shape[3]),
        mode='bilinear',
        align_corners=align_corners,
    )
    # (rows, 1): the weight of the row below; then the height is interpolated
    share = (where - above).to(low.dtype)[:, None]
    band.addcmul_(part[:, :, above - top], 1 - share)
    band.addcmul_(part[:, :, below - top], share)


def _source_rows(
    rows: slice, height: int, low_height: int, align_corners: bool
) -> Tensor:
    """Return for each row of the band its position in the low map, (rows,), float64.

    The positions are those of `F.interpolate`.

    Args:
        rows: Range of the band's rows in the enlarged map.
        height: Number of rows of the enlarged map.
        low_height: Number of rows of the low map.
        align_corners: Same as in `F.interpolate`.
    """
    index = torch.arange(rows.start, rows.stop, dtype=torch.float64)
    if align_corners:
        return index * ((low_height - 1) / max(height - 1, 1))
    return ((index + 0.5) * (low_height / height) - 0.5).clamp_(min=0)
