"""A map that is made band by band is the same map."""

from __future__ import annotations

import pytest
import torch
from conftest import randomize
from fast_case import ODD, assert_near, fcn_head, switched


@pytest.mark.parametrize('align_corners', [True, False])
@pytest.mark.parametrize('rows', [1, 3])
def test_bands_of_any_height_make_the_same_map(rows, align_corners, monkeypatch):
    segmentation = pytest.importorskip('hrnet_mm.fast.modules.fast_fcn_head')
    model = randomize(fcn_head(align_corners=align_corners)).double().eval()
    maps = [torch.randn(*shape, dtype=torch.float64) for shape in ODD]
    bytes_of_a_row = 2 * 24 * 19 * 8
    monkeypatch.setattr(segmentation, 'BAND_BYTES', rows * bytes_of_a_row)
    with torch.no_grad():
        assert_near([switched(model)(*maps)], [model(*maps)], 1e-12)
