"""Today's toolboxes have our names: the form says which of them."""

import pytest
from forms_case import OFFICIAL, assert_equal, build, official

from hrnet_mm.weights.formats import convert, recognize


@pytest.mark.parametrize(
    ('name', 'expected'),
    dict(
        classification=('mmpretrain', 'nearest'),
        pose=('mmpose', 'nearest'),
        face=('mmpose, HRNetV2', 'bilinear'),
        segmentation=('mmseg', 'bilinear'),
        ocr=('mmseg', 'bilinear'),
        detection=('mmdet', 'nearest'),
    ).items(),
)
def test_forms_of_the_toolboxes(name, expected):
    tensors = build(name).state_dict()
    found = recognize(dict(state_dict=tensors, meta=dict(epoch=1)))
    assert (found.format, *found.upsample) == expected
    assert found.task == OFFICIAL[name][1]
    assert_equal(found.tensors, tensors)
    family = expected[0].partition(',')[0]
    assert_equal(convert(found, family), tensors)
    assert set(convert(found, 'official')) == set(official(name))
    ours = recognize(tensors, 'hrnet_mm')
    assert_equal(convert(ours, 'hrnet_mm'), tensors)
