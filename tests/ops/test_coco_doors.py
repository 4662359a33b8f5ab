"""Masks and numbers that pycocotools cannot bear end in a message, whoever reads them.

Without the doors, many of these end the process.
"""

import json

import numpy as np
import pytest

import hrnet_mm
from hrnet_mm.errors import UserError

masks = pytest.importorskip('pycocotools.mask')
coco = pytest.importorskip('pycocotools.coco')

assert hrnet_mm  # its import puts up the doors
GOOD = [[2, 2, 8, 2, 8, 6, 2, 6]]
BAD = dict(size=[100000, 100000], counts='PPPPPPPPPPPPPP')


def test_good_masks_stay_as_they_are():
    import pycocotools._mask as plain

    random = np.random.default_rng(0)
    mask = np.asfortranarray(random.random((30, 40)) < 0.3, np.uint8)
    code = masks.encode(mask)
    assert (masks.decode(code) == mask).all()
    assert (masks.decode([code, code])[..., 1] == mask).all()
    assert masks.area(code) == mask.sum() == masks.area([code])[0]
    polygons = masks.frPyObjects(GOOD, 30, 40)
    assert polygons == plain.frPyObjects(GOOD, 30, 40)
    arrays = [np.array(each, np.float64) for each in GOOD]
    assert masks.frPyObjects(arrays, 30, 40) == polygons
    assert masks.merge(polygons) == plain.merge(polygons)
    assert masks.merge(polygons, intersect=True) == plain.merge(polygons, True)
    boxes = np.array([[1.0, 2, 3, 4]])
    assert masks.frPyObjects(boxes, 30, 40) == plain.frPyObjects(boxes, 30, 40)
    runs = dict(size=[30, 40], counts=[600, 600])
    assert masks.area(masks.frPyObjects(runs, 30, 40)) == 600
    assert masks.area(masks.frPyObjects([runs], 30, 40)) == [600]
    assert (masks.toBbox(code) == plain.toBbox([code])[0]).all()
    overlap = masks.iou([code], polygons, [0])
    assert overlap == plain.iou([code], polygons, [0])
    assert masks.iou(boxes, boxes, [0]) == 1
    assert masks.iou([[1, 2, 3, 4]], [[1, 2, 3, 4]], [0]) == 1
    assert len(masks.iou([], [], [])) == 0
    assert masks.merge([]) == plain.merge([])


@pytest.mark.parametrize('name', ['decode', 'merge', 'area', 'toBbox'])
@pytest.mark.parametrize(
    'bad',
    [
        BAD,
        dict(size=[2, 2], counts='5'),
        dict(size=[0, 0], counts=''),
        dict(size=[-1, 5], counts='5'),
        dict(size=[2, 2], counts='P'),
        dict(size=[2, 2]),
        {},
    ],
)
def test_damaged_run_lengths(name, bad):
    for given in (bad, [bad], [dict(size=[2, 2], counts='4'), bad]):
        with pytest.raises(UserError, match='a mask cannot be read: it'):
            getattr(masks, name)(given)
    with pytest.raises(UserError, match='a mask cannot be read: it'):
        masks.iou([dict(size=[2, 2], counts='4')], [bad], [0])
    with pytest.raises(UserError, match='a mask cannot be read: it'):
        masks.iou([bad], [dict(size=[2, 2], counts='4')], [0])


@pytest.mark.parametrize(
    'bad',
    [
        [[-1e9, -1e9, 1e9, 0, 1e9, 1e9]],
        [[float('nan')] * 6],
        [[1, 2, 3, 4, 5]],
        [[1, 2]],
        [[1, 2, 3, 4]],
        GOOD[0],
        [[]],
        [],
        [*GOOD, [1, 2]],
        [np.full(6, np.nan)],
        [np.zeros(0)],
        np.full((2, 4), np.nan),
        dict(size=[30, 40], counts=[5]),
        dict(size=[40, 30], counts=[1200]),
        dict(size=[30, 40], counts='PPPP'),
        [dict(size=[30, 40], counts=[-1, 1201])],
    ],
)
def test_forms_that_are_no_masks(bad):
    with pytest.raises(UserError, match='a mask cannot be read: '):
        masks.frPyObjects(bad, 30, 40)


@pytest.mark.parametrize('size', [(0, 4), (-1, 4), (1e9, 4), (10**400, 4), ('4', 4)])
def test_pictures_of_no_size(size):
    with pytest.raises(UserError, match='its size is'):
        masks.frPyObjects(GOOD, *size)


@pytest.mark.parametrize('module', ['pycocotools.coco', 'xtcocotools.coco'])
def test_annotation_files_with_nan(tmp_path, module):
    kind = pytest.importorskip(module).COCO
    record = dict(id=7, image_id=1, category_id=1, bbox=[1, 2, 3, 4], area=12)
    made = dict(images=[dict(id=1)], annotations=[record], categories=[dict(id=1)])
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(made))
    assert len(kind(str(path)).anns) == 1
    record['bbox'] = [float('nan')] * 4
    path.write_text(json.dumps(made))
    with pytest.raises(UserError) as found:
        kind(str(path))
    assert str(found.value).startswith(
        f"{path}: annotation 0 of the list (id 7) has a number in 'bbox' that is NaN"
    )


def test_the_doors_of_xtcocotools_are_the_same():
    import xtcocotools.mask

    with pytest.raises(UserError, match='a mask cannot be read'):
        xtcocotools.mask.decode(BAD)
