"""Files without key points, and detector files without boxes, are named."""

import json

import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.toolboxes.mmpose import MMPose

IMAGE = dict(id=1, file_name='1.png', width=100, height=100)
LABELLED = dict(image_id=1, category_id=1, bbox=[1, 1, 9, 9], keypoints=[5, 5, 2] * 17)
HIDDEN = {**LABELLED, 'keypoints': [5, 5, 0] * 17}
BOXED = {key: value for key, value in LABELLED.items() if key != 'keypoints'}
BOX = dict(image_id=1, category_id=1, bbox=[1, 1, 9, 9], score=0.9)


@pytest.fixture
def files(tmp_path):
    def make(people, boxes=None):
        content = people
        if people is None or (people and 'joints' not in people[0]):
            content = dict(images=[IMAGE], annotations=people or [], categories=[])
        (tmp_path / 'people.json').write_text(json.dumps(content))
        dataset = dict(data_root=str(tmp_path), ann_file='people.json')
        if boxes is not None:
            (tmp_path / 'boxes.json').write_text(json.dumps(boxes))
            dataset['bbox_file'] = str(tmp_path / 'boxes.json')
        return dataset

    return make


@pytest.mark.parametrize(
    ('people', 'found'),
    [
        (None, 'it has no annotations'),
        (
            [BOXED] * 2,
            "none of its 2 annotations has 'keypoints', only bbox, category_id, "
            'image_id',
        ),
        ([HIDDEN] * 3, 'all key points of its 3 annotations have visibility 0'),
        (
            [dict(joints=[[1, 1]], joints_vis=[0])],
            'all key points of its 1 annotations have visibility 0',
        ),
    ],
)
def test_files_without_key_points(files, people, found):
    with pytest.raises(UserError) as error:
        MMPose().check_files(files(people))
    text = str(error.value)
    assert f'people.json has no key points: {found}.' in text
    assert 'expected: ' in text
    assert 'hrnet shapes data/people --layout coco-pose' in text


def test_files_with_key_points_pass(files):
    MMPose().check_files(files([HIDDEN, LABELLED]))
    MMPose().check_files(files([dict(joints=[[1, 1]] * 2, joints_vis=[0, 1])]))
    MMPose().check_files(files([LABELLED], [BOX]))
    MMPose().check_files(files(None, [BOX]))  # test-dev
    MMPose().check_files(dict(data_root='nowhere', ann_file='none.json'))


@pytest.mark.parametrize(
    ('boxes', 'found'),
    [
        ([], 'has no boxes of people: found none, expected category_id 1'),
        (
            [{**BOX, 'category_id': 3}],
            'has no boxes of people: found 1 boxes, of categories [3], expected',
        ),
        ({'boxes': [BOX]}, 'is not a list of boxes'),
        (
            [BOX, {**BOX, 'image_id': 7}],
            'image_id 7 for one',
        ),
    ],
)
def test_detector_files_without_boxes(files, boxes, found):
    with pytest.raises(UserError) as error:
        MMPose().check_files(files([LABELLED], boxes))
    assert found in str(error.value)
    assert 'ground-truth boxes:  the same with None as FILE' in str(error.value)


def test_missing_and_broken_files(files, tmp_path):
    dataset = files([LABELLED])
    with pytest.raises(UserError, match='no detector boxes .*none.json'):
        MMPose().check_files({**dataset, 'bbox_file': str(tmp_path / 'none.json')})
    (tmp_path / 'people.json').write_text('{"images": [')
    with pytest.raises(
        UserError, match=r'people.json, line 1, is not JSON: .* cut off'
    ):
        MMPose().check_files(dataset)


def test_annotations_of_another_form(tmp_path):
    path = tmp_path / 'a.json'
    dataset = dict(data_root=str(tmp_path), ann_file='a.json')
    for content in ([1, 2], dict(annotations=None), dict(annotations=['x'])):
        path.write_text(json.dumps(content))
        with pytest.raises(UserError, match='has no key points: it has no annotations'):
            MMPose().check_files(dataset)
    path.write_text(json.dumps(dict(annotations=[dict(LABELLED, keypoints=None)])))
    with pytest.raises(UserError, match='of its 1 annotations have visibility 0'):
        MMPose().check_files(dataset)


NAN = float('nan')


def test_numbers_that_are_not_finite_are_found_without_the_data_check(files):
    with pytest.raises(UserError, match="annotation 1 .*'bbox' that is NaN"):
        MMPose().check_files(files([LABELLED, {**LABELLED, 'bbox': [NAN] * 4}]))
    with pytest.raises(UserError, match="annotation 0 .*'joints' that is NaN"):
        MMPose().check_files(files([dict(joints=[[1, NAN]] * 2, joints_vis=[0, 1])]))
    for odd in (NAN, 1e300, -1):
        boxes = [BOX, {**BOX, 'bbox': [1, 1, odd, 9]}]
        with pytest.raises(UserError, match='boxes.json: record 1, .* is no box'):
            MMPose().check_files(files([LABELLED], boxes))
        made = files([LABELLED], boxes)
        made['ann_file'] = 'people.pkl'
        with pytest.raises(UserError, match='boxes.json: record 1, .* is no box'):
            MMPose().check_files(made)


@pytest.mark.parametrize(
    'content',
    ['5', '"text"', '{"annotations": 5}', '{"annotations": {}, "images": 5}'],
)
def test_files_of_another_form(files, tmp_path, content):
    made = files([LABELLED], [BOX])
    (tmp_path / 'people.json').write_text(content)
    with pytest.raises(UserError, match='people.json has another form; expected is'):
        MMPose().check_files(made)


def test_odd_values_in_people_and_boxes(files):
    for odd in ('text', 5, [None], ['2'] * 51):
        with pytest.raises(UserError, match='has no key points'):
            MMPose().check_files(files([{**LABELLED, 'keypoints': odd}]))
    boxes = [{**BOX, 'category_id': odd} for odd in ('a', None, [1], 7)]
    with pytest.raises(UserError, match='has no boxes of people: found 4 boxes'):
        MMPose().check_files(files([LABELLED], boxes))
