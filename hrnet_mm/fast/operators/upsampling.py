"""Maps of several resolutions are summed here without storing the enlarged ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

if TYPE_CHECKING:
    from ...models.hrnet import Upsample


def add_enlarged(high: Tensor, lower: Sequence[Tensor], enlarge: Upsample) -> Tensor:
    """Return the sum of a map and the enlarged lower ones, as a new map.

    Without lower maps `high` itself is returned.

    Args:
        high: Map (N, C, H, W).
        lower: Maps of the same N and C, each smaller than the one before; they may be
            overwritten.
        enlarge: The exchange unit's `Upsample`.
    """
    if not lower:
        return high
    # If each map has half the size of the one before, nearest interpolation is done
    # from the lowest to the highest: every pixel is repeated 2 x 2 times, and the sum
    # so far goes up one resolution at a time.
    if enlarge.mode == 'nearest' and all(map(_is_double, [high, *lower], lower)):
        *maps, total = lower
        for x in reversed(maps):
            # (N, C, h, w) -> (N, C, 2h, 2w), in the memory of x
            total = _add_doubled_(x, total)
        return _add_doubled(high, total)
    # Otherwise each: (N, C, h, w) -> (N, C, H, W), then added
    out = high + enlarge(lower[0], like=high)
    for x in lower[1:]:
        out += enlarge(x, like=high)
    return out


def _is_double(high: Tensor, low: Tensor) -> bool:
    return [2 * extent for extent in low.shape[2:]] == list(high.shape[2:])


def _pixels_of(high: Tensor, low: Tensor) -> tuple[Tensor, Tensor]:
    """Return views that pair each low pixel with its four high pixels.

    The views are (N, C, h, 2, w, 2) of `high` and (N, C, h, 1, w, 1) of `low`, so that
    a sum of both broadcasts.
    """
    # (N, C, 2h, 2w) -> (N, C, h, 2, w, 2)
    h, w = low.shape[2:]
    blocks = high.unflatten(3, (w, 2)).unflatten(2, (h, 2))
    return blocks, low[:, :, :, None, :, None]


def _add_doubled_(high: Tensor, low: Tensor) -> Tensor:
    """Add each pixel of `low` to four pixels of `high`, in place."""
    blocks, pixels = _pixels_of(high, low)
    blocks += pixels
    return high


def _add_doubled(high: Tensor, low: Tensor) -> Tensor:
    """Add each pixel of `low` to four pixels of `high`, into a new map."""
    out = torch.empty_like(high)
    blocks, pixels = _pixels_of(high, low)
    torch.add(blocks, pixels, out=_pixels_of(out, low)[0])
    return out


class SumOfStreams(torch.autograd.Function):
    """This autograd function sums maps, enlarges smaller ones, and ends in a ReLU.

    Only the result is stored. `SumOfStreams.apply(enlarge, high, *maps)`: `high` is
    (N, C, H, W), and each map has its shape or is smaller, (N, C, h, w).
    """

    @staticmethod
    def forward(ctx, enlarge, high, *maps):
        same = [x for x in maps if x.shape == high.shape]
        lower = [x for x in maps if x.shape != high.shape]
        out = high + same[0] if same else high.clone()
        for x in same[1:]:
            out += x
        for x in lower:
            if enlarge.mode == 'nearest' and _is_multiple(high, x):
                # each pixel of (N, C, h, w) is added to H/h x W/w pixels of `out`
                _add_repeated_(out, x)
            else:
                # (N, C, h, w) -> (N, C, H, W), then added
                out += enlarge(x, like=high)
        out.relu_()
        ctx.enlarge, ctx.sizes = enlarge, [x.shape for x in maps]
        ctx.save_for_backward(out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        (out,) = ctx.saved_tensors
        grad = torch.ops.aten.threshold_backward(grad, out, 0)
        # Maps of one size have one gradient: (N, C, H, W) -> (N, C, h, w), once a size.
        shrunk = {grad.shape: grad}
        for size in ctx.sizes:
            if size not in shrunk:
                shrunk[size] = _enlarge_backward(ctx.enlarge, grad, size)
        return None, grad, *(shrunk[size] for size in ctx.sizes)


def _is_multiple(high: Tensor, low: Tensor) -> bool:
    return all(a % b == 0 for a, b in zip(high.shape[2:], low.shape[2:], strict=True))


def _add_repeated_(high: Tensor, low: Tensor) -> None:
    # (N, C, H, W) -> (N, C, h, H/h, w, W/w), plus (N, C, h, 1, w, 1)
    h, w = low.shape[2:]
    blocks = high.unflatten(3, (w, -1)).unflatten(2, (h, -1))
    blocks += low[:, :, :, None, :, None]


def _enlarge_backward(enlarge: Upsample, grad: Tensor, size: torch.Size) -> Tensor:
    """Return the gradient of a map of `size` from that of its enlarged form."""
    extents = list(zip(grad.shape[2:], size[2:], strict=True))
    if enlarge.mode == 'nearest' and all(high % low == 0 for high, low in extents):
        # (N, C, H, W) -> (N, C, h, w): each pixel gets the sum over its copies
        repeats = [high // low for high, low in extents]
        return F.avg_pool2d(grad, repeats, divisor_override=1)
    if enlarge.mode == 'nearest':
        return torch.ops.aten.upsample_nearest2d_backward(grad, grad.shape[2:], size)
    return torch.ops.aten.upsample_bilinear2d_backward(
        grad, grad.shape[2:], size, enlarge.align_corners
    )
