"""NaN and numbers of no sane size are found wherever they stand in an annotation."""

import pytest

from hrnet_mm.data.coco_numbers import (
    are_finite,
    fault_of_numbers,
    field_not_finite,
)

NAN, INF = float('nan'), float('inf')
GOOD = dict(
    id=3,
    bbox=[1, 2.5, 3, 4],
    area=1e9,
    score=0.5,
    keypoints=[1, 2, 2] * 3,
    segmentation=[[1, 2, 3, 4, 5, 6.5], [1] * 6],
)


def test_good_numbers():
    assert field_not_finite(GOOD) == field_not_finite({}) == ''
    runs = dict(size=[2, 2], counts=[1, 3])
    for mask in (runs, dict(runs, counts='4'), [], None, 'text', [[]], [None]):
        assert field_not_finite(dict(GOOD, segmentation=mask)) == ''
    assert fault_of_numbers([GOOD, 'text', None, 5]) == ''


@pytest.mark.parametrize('odd', [NAN, INF, -INF, 1e300, -1e300, 10**400, -(10**400)])
@pytest.mark.parametrize(
    ('key', 'form'),
    [
        ('bbox', lambda x: [1, 2, x, 4]),
        ('bbox', lambda x: [x] * 4),
        ('area', lambda x: x),
        ('score', lambda x: x),
        ('keypoints', lambda x: [1, 2, 2, x, 1, 2]),
        ('segmentation', lambda x: [[1, 2, 3], [1, x, 3]]),
        ('segmentation', lambda x: [['text', x]]),
        ('segmentation', lambda x: dict(size=[2, 2], counts=[1, x])),
        ('joints', lambda x: [[1, 2], [x, 2]]),
    ],
)
def test_numbers_that_are_none(odd, key, form):
    assert not are_finite(form(odd))
    record = dict(GOOD, **{key: form(odd)})
    assert field_not_finite(record) == key
    fault = fault_of_numbers([GOOD, record])
    assert fault.startswith('annotation 1 of the list (id 3) has a number in ')
    assert f"'{key}' that is NaN, infinite or beyond 1e+12" in fault
