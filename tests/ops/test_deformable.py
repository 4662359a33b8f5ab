"""Deformable convolutions in 16 bits."""

from __future__ import annotations

import pytest
import torch
from extension_case import extension_is_used
from operator_cases import normal

pytest.importorskip('mmcv')


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_deformable_convolutions_in_16_bits(dtype):
    from mmcv.ops import deform_conv2d, modulated_deform_conv2d

    if not extension_is_used():
        pytest.skip('compiled ones know no 16 bits on a CPU')
    x, weight = normal(4, 2, 8, 9, 11), normal(5, 6, 8, 3, 3) / 9
    offset, mask = normal(6, 2, 18, 9, 11), normal(7, 2, 9, 9, 11).sigmoid()
    narrow = [t.to(dtype).requires_grad_() for t in (x, offset, weight)]
    output = deform_conv2d(*narrow, 1, 1)
    assert output.dtype == dtype
    output.float().square().mean().backward()
    assert all(t.grad.dtype == dtype and t.grad.isfinite().all() for t in narrow)
    wide = [t.detach().float() for t in narrow]
    torch.testing.assert_close(
        output.float(), deform_conv2d(*wide, 1, 1), rtol=2e-2, atol=2e-2
    )
    found = modulated_deform_conv2d(
        x.to(dtype), offset.to(dtype), mask.to(dtype), weight.to(dtype), None, 1, 1
    )
    assert found.dtype == dtype
