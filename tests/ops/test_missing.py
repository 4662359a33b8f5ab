"""An operator that is not answered is named, with the key that asks for it."""

from __future__ import annotations

import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.ops import extension

pytest.importorskip('mmcv')


@pytest.mark.parametrize(
    ('name', 'key'),
    [
        ('nms_rotated', r"nms=dict\(type='nms_rotated'\)"),
        ('carafe_forward', r"upsample_cfg=dict\(type='carafe'\)"),
        ('roi_align_rotated_forward', r"roi_layer=dict\(type='RoIAlignRotated'\)"),
        ('three_nn_forward', 'mmcv.ops, three_nn_forward'),
    ],
)
def test_an_operator_that_is_not_answered(name, key):
    with pytest.raises(UserError, match=f"mmcv's operator {name} is not .*{key}.*"):
        getattr(extension, name)(1, 2)
    assert not hasattr(extension, '__wrapped__')
