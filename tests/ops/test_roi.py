"""RoIAlign of any order of memory and any type of numbers."""

from __future__ import annotations

import pytest
import torch
from extension_case import NEAR, align
from operator_cases import boxes, normal

from hrnet_mm.errors import UserError
from hrnet_mm.ops import extension

pytest.importorskip('mmcv')


def test_the_maximum_of_roi_align_is_not_answered():
    maps = torch.zeros(1, 1, 8, 8)
    rois = torch.tensor([[0.0, 0, 0, 4, 4]])
    with pytest.raises(UserError, match="pool_mode='max'"):
        extension.roi_align_forward(
            maps, rois, maps, maps, maps, 8, 8, 1.0, 0, pool_mode=0, aligned=True
        )


def rois_of(count):
    return torch.cat([torch.zeros(count, 1), boxes(0, count)], dim=1)


def test_roi_align_takes_channels_last_maps():
    maps, rois = normal(0, 2, 5, 24, 24), rois_of(6)
    expected = align(maps, rois)
    found = align(maps.contiguous(memory_format=torch.channels_last), rois)
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_roi_align_in_other_types(dtype):
    maps, rois = normal(0, 1, 5, 24, 24), rois_of(6)
    expected = align(maps.to(dtype).float(), rois)
    found = align(maps.to(dtype), rois.to(dtype))
    assert found[0].dtype == found[1].dtype == dtype
    if dtype == torch.float64:
        torch.testing.assert_close(found[0].float(), expected[0], **NEAR)
        return
    found = align(maps.to(dtype), rois)  # boxes stay in float32
    torch.testing.assert_close(found[0], expected[0].to(dtype), rtol=1e-2, atol=1e-2)
