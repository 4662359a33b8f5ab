"""COCO's polygons cover the visible pixels and leave holes open."""

import numpy as np
import pytest
from shapes_case import scenes

from hrnet_mm.data.shapes.coco import annotation, outlines
from hrnet_mm.data.shapes.scenes import DETECTION, POSE


@pytest.mark.parametrize('mix', [DETECTION, POSE])
def test_polygons_cover_exactly_the_visible_pixels(mix):
    coder = pytest.importorskip('pycocotools.mask')
    for scene in scenes(mix, 40):
        assert 1 <= len(scene.instances) <= mix.count[1]
        for instance in scene.instances:
            record = annotation(instance, 1, 1)
            codes = coder.frPyObjects(record['segmentation'], 96, 128)
            np.testing.assert_array_equal(
                coder.decode(coder.merge(codes)), instance.mask
            )
            y, x = np.nonzero(instance.mask)
            left, top, width, height = record['bbox']
            assert (left, top) == (x.min(), y.min())
            assert (left + width, top + height) == (x.max() + 1, y.max() + 1)
            assert record['area'] == instance.mask.sum() >= 64


def test_polygons_leave_holes_open():
    coder = pytest.importorskip('pycocotools.mask')
    mask = np.ones((12, 20), bool)
    mask[3:6, 4:8] = mask[7, 8] = mask[4:9, 12:15] = False
    mask[5, 13] = True  # an island in a hole
    codes = coder.frPyObjects(outlines(mask), *mask.shape)
    np.testing.assert_array_equal(coder.decode(coder.merge(codes)), mask)
    assert coder.area(codes).sum() == mask.sum()  # no pixel is covered twice
