"""Files of boxes are read, or said to be something else."""

import json

import pytest

from hrnet_mm.data.coco_boxes import image_of, is_box, read_boxes
from hrnet_mm.errors import UserError

BOX = dict(image_id=7, category_id=1, bbox=[1, 2, 3, 4], score=0.5)
ODD = [float('nan'), float('inf'), -1e300, 10**400, True, '1', None, [1]]


def test_boxes_are_read(tmp_path):
    named = dict(file_name='a.jpg', bbox=[1, 2, 3.5, 4])
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps([BOX, named]))
    assert read_boxes(path) == [BOX, named]
    assert [image_of(box) for box in (BOX, named)] == [7, 'a.jpg']
    with pytest.raises(UserError, match='record 1, .*a.jpg.*, is no box; expected a'):
        read_boxes(path, needs=('score',))


@pytest.mark.parametrize(
    'change',
    [
        dict(bbox=[1, 2, 3]),
        dict(bbox='1 2 3 4'),
        dict(bbox=[1, 2, None, 4]),
        dict(score='high'),
        dict(image_id=None),
        dict(image_id=[7]),
        *(dict(bbox=[1, 2, 3, odd]) for odd in ODD),
        *(dict(bbox=[odd, 2, 3, 4]) for odd in ODD),
        *(dict(score=odd) for odd in ODD),
        dict(bbox=[1, 2, -3, 4]),
        dict(bbox=[1, 2, 3, -4]),
    ],
)
def test_what_is_no_box(change):
    assert is_box(BOX)
    assert not is_box({**BOX, **change})
    assert not is_box('box')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{}', 'is not a list of boxes: expected'),
        ('[', 'is not JSON: .* Fetch or make it again'),
    ],
)
def test_other_files(tmp_path, text, message):
    path = tmp_path / 'boxes.json'
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_boxes(path)
