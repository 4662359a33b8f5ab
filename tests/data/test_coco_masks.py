"""Run lengths and polygons that C code must not see are told from those it may."""

import json

import numpy as np
import pytest

from hrnet_mm.data.coco_masks import (
    fault_of_mask,
    fault_of_outline,
    fault_of_runs,
    fault_of_size,
)

NAN, INF = float('nan'), float('inf')
TRIANGLE = [1, 1, 4, 1, 4, 3]


@pytest.mark.parametrize('shape', [(1, 1), (5, 4), (480, 640), (1, 3000), (700, 1)])
@pytest.mark.parametrize('share', [0, 0.001, 0.5, 1])
def test_what_pycocotools_writes_is_right(shape, share):
    masks = pytest.importorskip('pycocotools.mask')
    random = np.random.default_rng(0)
    mask = np.asfortranarray(random.random(shape) < share, np.uint8)
    code = masks.encode(mask)
    text = dict(size=[int(side) for side in code['size']], counts=code['counts'])
    assert fault_of_runs(code) == ''
    assert fault_of_mask(text, *shape) == ''
    assert fault_of_mask(dict(text, counts=code['counts'].decode()), *shape) == ''
    edges = np.flatnonzero(np.diff(mask.ravel('F'), prepend=0)).tolist()
    lengths = np.diff([0, *edges, mask.size]).tolist()
    assert fault_of_mask(dict(size=[*shape], counts=lengths), *shape) == ''


@pytest.mark.parametrize(
    ('size', 'counts', 'fault'),
    [
        ([100000, 100000], 'PPPPPPPPPPPPPP', 'too small or too large'),
        ([100000, 10000], 'PPPPPPPPPPPPPP', 'damaged or cut off'),
        ([100000, 10000], '5', 'sum to 5, not 1000000000'),
        ([-1, 5], 'a', 'too small or too large'),
        ([0, 5], '0', 'too small or too large'),
        ([10**400, 1], '0', 'too small or too large'),
        ([2, NAN], '0', 'expected is [height, width]'),
        ([2, INF], '0', 'expected is [height, width]'),
        ([2.5, 2], '5', 'expected is [height, width]'),
        ([2], '2', 'expected is [height, width]'),
        ([2, 2, 1], '4', 'expected is [height, width]'),
        (['2', '2'], '4', 'expected is [height, width]'),
        ([[2], 2], '4', 'expected is [height, width]'),
        ('22', '4', 'expected is [height, width]'),
        (4, '4', 'expected is [height, width]'),
        (None, '4', 'expected is [height, width]'),
        ([2, 2], '5', 'sum to 5, not 4'),
        ([2, 2], '', 'damaged or cut off'),
        ([2, 2], 'P', 'damaged or cut off'),  # its number goes on
        ([2, 2], 'PPPPPPPPPPPPPPPPPP1', 'damaged or cut off'),
        ([2, 2], '4\0', 'damaged or cut off'),
        ([2, 2], '4é', 'damaged or cut off'),
        ([2, 2], b'\xff\xff', 'damaged or cut off'),
        ([2, 2], 'O5', 'negative number'),
        ([2, 2], [5], 'sum to 5, not 4'),
        ([2, 2], [], 'sum to 0, not 4'),
        ([2, 2], [-1, 5], 'negative number'),
        ([2, 2], [2.0, 2.0], 'no whole numbers'),
        ([2, 2], [NAN], 'no whole numbers'),
        ([2, 2], ['4'], 'no whole numbers'),
        ([2, 2], [True, 3], 'no whole numbers'),
        ([2, 2], [10**400], 'sum to'),
        ([2, 2], None, 'no whole numbers'),
        ([2, 2], {}, 'no whole numbers'),
        ([2, 2], 4, 'no whole numbers'),
    ],
)
def test_run_lengths_that_are_none(size, counts, fault):
    assert fault in fault_of_runs(dict(size=size, counts=counts))
    assert fault_of_mask(dict(size=size, counts=counts), 2, 2)


@pytest.mark.parametrize('mask', [None, {}, [], dict(size=[2, 2]), 'text', 5, b'4'])
def test_other_values_are_no_masks(mask):
    assert 'expected are polygons' in fault_of_mask(mask, 2, 2)
    assert 'expected are polygons' in fault_of_runs(mask)


def test_a_mask_has_the_size_of_its_picture():
    mask = dict(size=[80, 100], counts=[8000])
    assert fault_of_mask(mask, 80, 100) == ''
    assert fault_of_mask(mask, 100, 80) == (
        'its size is [80, 100], that of the picture [100, 80]'
    )


@pytest.mark.parametrize(
    ('polygon', 'fault'),
    [
        ([], 'has 0 numbers'),
        ([1, 2], 'has 2 numbers'),
        ([1, 2, 3, 4], 'has 4 numbers'),
        ([*TRIANGLE, 1], 'has 7 numbers'),
        ([*TRIANGLE[1:], NAN], 'NaN or reaches too far'),
        ([NAN, *TRIANGLE[1:]], 'NaN or reaches too far'),
        ([INF, -INF, *TRIANGLE[2:]], 'NaN or reaches too far'),
        ([-1e9, -1e9, 1e9, 0, 1e9, 1e9], 'NaN or reaches too far'),
        ([10**400, *TRIANGLE[1:]], 'NaN or reaches too far'),
        ([1e5, 0, 0, 1e5] * 500, 'an outline of'),
        (['1', *TRIANGLE[1:]], 'no number'),
        ([None, *TRIANGLE[1:]], 'no number'),
        ([[1, 2], [3, 4], [5, 6], [7, 8], [9, 9], [1, 1]], 'no number'),
        ('abcdef', 'in place of a polygon'),
        (7, 'in place of a polygon'),
        (None, 'in place of a polygon'),
    ],
)
def test_polygons_that_are_none(polygon, fault):
    assert fault in fault_of_outline(polygon)
    assert fault in fault_of_mask([TRIANGLE, polygon], 9, 9)


def test_polygons():
    assert fault_of_mask([TRIANGLE, [0.5, 0, 9.9, 0, 9, 3, 2, 2]], 9, 9) == ''
    assert fault_of_outline(np.array(TRIANGLE, np.float32)) == ''
    assert fault_of_outline([1, 2, 3, 4], least=4) == ''
    # What mmdet makes of a polygon for a box of no size is far outside of its picture.
    assert fault_of_outline(np.array(TRIANGLE) * 9e4) == ''
    assert fault_of_size(np.array([3, 4])) == ''


def test_faults_are_short_texts():
    huge = json.loads('[' * 500 + ']' * 500)
    for mask in (huge, [huge], 'x' * 10**6, dict(size=[2, 2], counts='x' * 10**6)):
        assert len(fault_of_mask(mask, 2, 2)) < 300
