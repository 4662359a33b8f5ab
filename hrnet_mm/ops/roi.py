"""Torchvision computes mmcv's RoIAlign and its gradient."""

from __future__ import annotations

from torch import Tensor

from .missing import unanswered
from .precision import TORCHVISION, in_any_order, wide


def roi_align_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Write RoIAlign of maps (N, C, H, W) at boxes (K, 5) into `output` (K, C, h, w).

    Paper: https://arxiv.org/abs/1703.06870.

    Raises:
        UserError: `pool_mode` is 0, the maximum.
    """
    if pool_mode != 1:
        raise unanswered('roi_align')
    maps = wide(input).contiguous()  # channels-last -> (N, C, H, W) in memory
    size = (aligned_height, aligned_width)
    output.copy_(
        TORCHVISION.roi_align(
            maps, rois.to(maps.dtype), spatial_scale, *size, sampling_ratio, aligned
        )
    )


def roi_align_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    grad_input: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Write the gradient of the maps into `grad_input`; see `roi_align_forward`."""
    grad = wide(grad_output).contiguous()  # channels-last -> (K, C, h, w) in memory
    size = (aligned_height, aligned_width)
    shape = grad_input.shape
    with in_any_order(grad):
        maps = TORCHVISION._roi_align_backward(
            grad,
            rois.to(grad.dtype),
            spatial_scale,
            *size,
            *shape,
            sampling_ratio,
            aligned,
        )
    grad_input.copy_(maps)
