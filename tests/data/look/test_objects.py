"""Boxes and masks are counted by cause, and categories compared with the classes."""

from __future__ import annotations

import copy
import json
import re

import pytest

from hrnet_mm.data.look import Look
from hrnet_mm.data.look.json_files import annotations_in, read_json
from hrnet_mm.data.look.objects import check_evaluator, look_at_objects
from hrnet_mm.errors import UserError

CLASSES = ['cat', 'dog', 'elk']
SQUARE = [[10, 10, 30, 10, 30, 30, 10, 30]]


def box(number, image=1, category=1, bbox=(10, 10, 20, 20), **changes) -> dict:
    return dict(
        id=number,
        image_id=image,
        category_id=category,
        bbox=list(bbox),
        area=400,
        iscrowd=0,
        segmentation=SQUARE,
        **changes,
    )


def content(*annotations) -> dict:
    """Two images of 100 x 80 and three categories."""
    return dict(
        images=[dict(id=i, file_name=f'{i}.jpg', width=100, height=80) for i in (1, 2)],
        annotations=list(annotations)
        or [box(1), box(2, 1, 2), box(3, 2, 3, (50, 20, 40, 40))],
        categories=[dict(id=i, name=name) for i, name in enumerate(CLASSES, 1)],
    )


@pytest.fixture
def look_at(tmp_path):
    """Return a function that looks at a content."""

    def of(made, trains=True, classes=CLASSES, **options) -> Look:
        path = tmp_path / 'ann.json'
        path.write_text(json.dumps(made))
        look = Look('train', 'train_dataloader.dataset', trains, list(classes))
        look_at_objects(look, annotations_in(path, read_json(path)), **options)
        return look

    return of


def test_what_is_right(look_at):
    for trains in (True, False):
        look = look_at(content(), trains, with_masks=True)
        assert look.errors == look.warnings == []
        assert look.line() == 'train: 2 of 2 pictures, 3 of 3 objects'
        assert look.occurring == {0: 1, 1: 1, 2: 1}


def test_every_cause_is_counted(look_at):
    made = content(
        box(1),
        box(2, bbox=(100, 10, 20, 20)),
        box(3, bbox=(10, -30, 20, 20)),
        box(4, bbox=(10, 10, 0.5, 20)),
        box(5, bbox=(10, 10, 20, -3)),
        dict(box(6), area=0),
        dict(box(7), iscrowd=1),
        box(8, ignore=1),
        box(9, image=7),
        box(10, category=9),
        box(11, category=4),
        box(12, category=2),
        box(13, category=3),
    )
    made['categories'].append(dict(id=4, name='fox'))
    look = look_at(made)
    assert look.errors == []
    assert look.left_out == {
        'outside the picture': 2,
        'of no width or height': 2,
        'of no area': 1,
        "marked 'iscrowd'": 1,
        "marked 'ignore'": 1,
        'of pictures that the file does not list': 1,
        'of categories that the file does not list': 1,
        'of other classes': 1,
    }
    assert look.things == (3, 13)
    assert look.pictures == (1, 2)
    assert 'only 3 of 13 objects are used' in look.warnings[0]


def test_pictures_that_mmdet_filters(look_at):
    made = content(box(1), box(2, category=2), box(3, category=3))
    assert look_at(made).pictures == (1, 2)
    assert look_at(made, keeps_empty=True).pictures == (2, 2)
    made['images'][0]['height'] = 31
    assert look_at(made, least=32, keeps_empty=True).pictures == (1, 2)


ORDERS = [
    (
        ['elk', 'dog', 'cat'],
        CLASSES,
        'stand in another order',
        r"\('elk', 'dog', 'cat'",
    ),
    (CLASSES, ['dog', 'cat'], 'stand in another order', r"\('cat', 'dog'\)"),
    (
        ['cat', 'dogg', 'elk'],
        CLASSES,
        'no category dog; did you mean dogg? mmdet',
        "Write  'dogg' for 'dog'  in the classes of every data set; or mend",
    ),
    (['cat', 'dog'], CLASSES, 'no category elk', 'num_classes=2'),
    (['Cat', 'dog', 'elk'], CLASSES, 'no category cat', "'Cat'"),
    (['cat', 'cat', 'dog', 'elk'], CLASSES, 'several categories cat', 'one id'),
]


@pytest.mark.parametrize(('names', 'classes', 'what', 'remedy'), ORDERS)
def test_categories_and_classes(look_at, names, classes, what, remedy):
    made = content()
    made['categories'] = [dict(id=i, name=name) for i, name in enumerate(names, 1)]
    (error,) = look_at(made, classes=classes).errors
    assert what in error
    assert re.search(remedy, error)
    if 'several' not in what:
        named = [n for n in names if n in classes] if 'order' in what else names
        assert f'ann.json:                 {", ".join(named)}\n' in error
        assert f'train_dataloader.dataset: {", ".join(classes)}\n' in error


def test_the_command_for_another_order_mends_a_copy(look_at, tmp_path):
    import shlex
    import subprocess
    import sys

    made = content()
    made['categories'].reverse()
    made['categories'].append(dict(id=9, name='fox'))
    (error,) = look_at(made).errors
    words = shlex.split(error.partition('Mend a copy:')[2].partition('\n')[0])
    subprocess.run([sys.executable, *words[1:]], check=True)
    assert json.loads((tmp_path / 'ann.json').read_text()) == made
    mended = json.loads((tmp_path / 'ann_new.json').read_text())
    assert look_at(mended).errors == []


NOTHING = [
    (dict(area=0), 'of no area', "'area' is 0"),
    (dict(iscrowd=1), "marked 'iscrowd'", "'iscrowd' is 1 everywhere"),
    (dict(bbox=[0.1, 0.1, 0.4, 0.2]), 'of no width or height', 'in shares of the'),
    (dict(bbox=[20, 20, -9, 9]), 'of no width', 'width and height above 0'),
    (dict(image_id=9), 'of pictures that the file does not list', ''),
]


@pytest.mark.parametrize(('change', 'cause', 'hint'), NOTHING)
def test_nothing_is_left(look_at, change, cause, hint):
    made = content()
    for each in made['annotations']:
        each.update(change)
    (error,) = look_at(made).errors
    assert f'is left of 3 (3 {cause}' in error
    assert hint in error


def test_no_annotations(look_at):
    made = dict(content(), annotations=[])
    (error,) = look_at(made).errors
    assert 'it has 2 images and no annotations' in error
    assert look_at(made, trains=False).errors == []


def test_pictures_of_background(look_at):
    made = dict(content(), annotations=[])
    look = look_at(made, keeps_empty=True)
    assert look.errors == []
    assert look.line() == 'train: 2 of 2 pictures, 0 of 0 objects'
    (warning,) = look.warnings
    assert warning.endswith('has no object: its pictures are background alone')
    made = content(dict(box(1), area=0))
    assert 'is left of 1 (1 of no area)' in look_at(made, keeps_empty=True).errors[0]


def test_ids_of_another_type(look_at):
    made = content()
    for each in made['annotations']:
        each['image_id'] = str(each['image_id'])
    (error,) = look_at(made).errors
    assert "images have ids such as 1, annotations '1': write alike" in error


def test_objects_that_nobody_means_to_lose(look_at):
    many = [box(i, 1 + i % 2, 1 + i % 3) for i in range(3, 21)]
    assert look_at(content(*many, box(1, image=9))).warnings == []
    look = look_at(content(*many, box(1, image=9), box(2, bbox=(200, 9, 9, 9))))
    (warning,) = look.warnings
    assert warning.startswith('train: 2 of 20 objects of ')
    causes = 'ann.json: 1 of pictures that the file does not list, 1 outside the pict'
    assert causes in warning
    moved = content(*many[1:], box(1, bbox=(-5, 9, 20, 20)))
    assert look_at(moved).warnings == [
        'train: 1 of 18 boxes reach beyond their picture'
    ]


def test_masks_of_classes_that_are_not_trained(look_at):
    made = content(*content()['annotations'], dict(box(4, category=3), segmentation=[]))
    assert look_at(made, classes=CLASSES[:2], with_masks=True).errors == []
    assert "no 'segmentation'" in look_at(made, with_masks=True).errors[0]


def test_boxes_as_corners(look_at):
    made = content(
        box(1, bbox=(60, 50, 90, 70)),
        box(2, 1, 2, (10, 10, 30, 20)),
        box(3, 2, 3, (5, 5, 9, 9)),
    )
    (error,) = look_at(made).errors
    assert 'look like corners' in error
    assert '1 of 3 reach beyond' in error


def test_a_few_boxes_beyond_the_picture(look_at):
    made = content(box(1, bbox=(60, 50, 50, 20)), *content()['annotations'][1:], box(7))
    look = look_at(made)
    assert look.errors == []
    assert look.warnings == ['train: 1 of 4 boxes reach beyond their picture']


def test_a_class_that_never_occurs(look_at):
    look = look_at(content(box(1), box(2, 2, 3)))
    assert look.warnings == [
        'train: 1 of 3 classes never occur, so they are not trained: dog'
    ]


FIELDS = [
    (dict(area=None), "no 'area'", True),
    (dict(area='big'), "an 'area' that is no finite number", False),
    (dict(area=float('nan')), "an 'area' that is no finite number", False),
    (dict(id=None), "no 'id'", True),
    (dict(id='a5'), "an 'id' that is no whole number", True),
    (dict(id=1.5), "an 'id' that is no whole number", True),
    (dict(image_id=None), "no 'image_id'", False),
    (dict(image_id=[1]), "no 'image_id'", False),
    (dict(category_id=None), "no 'category_id'", False),
    (dict(bbox=None), "no 'bbox'", False),
    (dict(bbox=['1', '2', '3', '4']), "a 'bbox' that is not four finite", False),
    (dict(bbox=[1, 2, 3]), "a 'bbox' that is not four finite", False),
    (dict(bbox=[1, 2, 3, float('nan')]), "a 'bbox' that is not four finite", False),
    (dict(bbox=[1, 2, 3, float('inf')]), "a 'bbox' that is not four finite", False),
]


@pytest.mark.parametrize(('change', 'what', 'mends'), FIELDS)
def test_fields_that_are_missing_or_wrong(look_at, tmp_path, change, what, mends):
    made = content()
    made['annotations'][1].update(change)
    (error,) = look_at(made).errors
    assert f'{tmp_path}/ann.json: 1 of 3 annotations have {what}' in error
    assert ('Mend a copy:' in error) == mends


CORNERS = dict(bbox=[5, 5, 40, 50])
MENDED = dict(
    area_missing=[dict(area=None), {}],
    area_0=[dict(area=0)] * 3,
    groups=[dict(iscrowd=1)] * 3,
    corners=[dict(bbox=[60, 50, 90, 70]), dict(bbox=[30, 30, 90, 70]), CORNERS],
)


@pytest.mark.parametrize('case', MENDED)
def test_the_command_mends_a_copy(look_at, tmp_path, case):
    import shlex
    import subprocess
    import sys

    made = content()
    for each, change in zip(made['annotations'], MENDED[case], strict=False):
        each.update(change)
    (error,) = look_at(made).errors
    words = shlex.split(error.partition('Mend a copy:')[2].partition('\n')[0])
    subprocess.run([sys.executable, *words[1:]], check=True)
    mended = json.loads((tmp_path / 'ann_new.json').read_text())
    assert look_at(mended).errors == []


def test_iscrowd_is_needed_for_measuring_alone(look_at):
    made = content()
    del made['annotations'][0]['iscrowd']
    assert look_at(made).errors == []
    assert "1 of 3 annotations have no 'iscrowd'" in look_at(made, False).errors[0]


def test_ids(look_at):
    made = content()
    made['annotations'][2]['id'] = 1
    assert '1 annotations have the id of another one' in look_at(made).errors[0]
    made['annotations'][2]['id'] = 0
    assert look_at(made).warnings == []
    assert 'which pycocotools takes for none' in look_at(made, False).warnings[0]


MASKS = [
    (None, "no 'segmentation'"),
    ([], "no 'segmentation'"),
    ([[]], 'no list of polygons'),
    ([[1, 2, 3, 4]], 'no list of polygons'),
    ([1, 2, 3, 4, 5, 6], 'no list of polygons'),
    ([[1, 2, 3, 4, 5, 6, 7]], 'no list of polygons'),
    ([[1, 2, 3, 4, 5, float('nan')]], 'no list of polygons'),
    (dict(counts='abc'), 'no list of polygons'),
    ('text', 'no list of polygons'),
]


@pytest.mark.parametrize(('mask', 'what'), MASKS)
def test_masks(look_at, mask, what):
    made = content()
    made['annotations'][2]['segmentation'] = mask
    assert look_at(made).errors == []
    (error,) = look_at(made, with_masks=True).errors
    assert '1 of 3 annotations have' in error
    assert what in error


def test_run_lengths_are_masks(look_at):
    made = content()
    made['annotations'][2]['segmentation'] = dict(size=[80, 100], counts=[8000])
    assert look_at(made, with_masks=True).errors == []


DAMAGED = [
    (dict(size=[100000, 100000], counts='PPPPPPPPPPPPPP'), 'that of the picture'),
    (dict(size=[100, 80], counts=[8000]), 'that of the picture [80, 100]'),
    (dict(size=[80, 100], counts=[7999]), 'sum to 7999, not 8000 pixels'),
    (dict(size=[80, 100], counts='PPP'), 'damaged or cut off'),
    ([[-1e9, -1e9, 1e9, 0, 1e9, 1e9]], 'NaN or reaches too far'),
]


@pytest.mark.parametrize(('mask', 'what'), DAMAGED)
def test_masks_that_pycocotools_cannot_bear(look_at, mask, what):
    made = content()
    made['annotations'][2]['segmentation'] = mask
    assert look_at(made).errors == []
    (error,) = look_at(made, with_masks=True).errors
    assert '1 of 3 annotations have' in error
    assert 'such as annotation 3: ' in error
    assert what in error


@pytest.mark.parametrize('size', [dict(width=0), dict(height=None), dict(width='9')])
def test_images_without_a_size(look_at, size):
    made = content()
    made['images'][0].update(size)
    (error,) = look_at(made).errors
    assert "1 of 2 images have no 'width' and height above 0" in error


@pytest.fixture
def evaluated(look_at, tmp_path):
    """Return a function that compares another file with that of a data set."""

    def of(theirs) -> list[str]:
        look = look_at(content(), False)
        other = tmp_path / 'other.json'
        other.write_text(json.dumps(theirs))
        ours = annotations_in(tmp_path / 'ann.json', read_json(tmp_path / 'ann.json'))
        read = annotations_in(other, read_json(other))
        check_evaluator(look, 'val_evaluator', ours, read)
        return look.errors

    return of


def test_the_file_of_an_evaluator(evaluated, tmp_path):
    made = content()
    assert evaluated(made) == []
    made['images'][1]['file_name'] = 'elsewhere/2.jpg'
    assert evaluated(made) == []
    made['images'][1]['file_name'] = 'b.jpg'
    (error,) = evaluated(made)
    assert 'the same ids are other pictures: id 2 is b.jpg, and 2.jpg in' in error
    assert f'Write  val_evaluator.ann_file={tmp_path}/ann.json' in error
    made['images'] = made['images'][:1]
    (error,) = evaluated(made)
    assert 'does not have 1 of the 2 pictures' in error
    made = content()
    made['categories'].reverse()
    assert 'stand in another order' in evaluated(made)[0]
    made = content()
    del made['annotations'][0]['area']
    assert "other.json: 1 of 3 annotations have no 'area'" in evaluated(made)[0]


def test_nothing_is_changed(look_at):
    made = content()
    before = copy.deepcopy(made)
    look_at(made)
    assert made == before
    with pytest.raises(UserError, match='no categories'):
        look_at(dict(images=[], annotations=[]))
