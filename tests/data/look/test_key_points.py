"""Key points are counted by cause, and their names compared with the metainfo."""

from __future__ import annotations

import json

import pytest

from hrnet_mm.data.look import Look
from hrnet_mm.data.look.json_files import annotations_in, read_json
from hrnet_mm.data.look.key_points import (
    KNOWN_DISTANCES,
    check_distance,
    look_at_joints,
    look_at_people,
)

NAMES = ['nose', 'left_eye', 'right_eye']
META = dict(
    num_keypoints=3,
    keypoint_id2name=dict(enumerate(NAMES)),
    flip_indices=[0, 2, 1],
    sigmas=[0.1] * 3,
    dataset_keypoint_weights=[1.0] * 3,
    dataset_name='own',
)


def person(number, image=1, **changes) -> dict:
    return dict(
        dict(
            id=number,
            image_id=image,
            category_id=1,
            bbox=[10, 10, 20, 20],
            area=400,
            iscrowd=0,
            keypoints=[12, 12, 2, 20, 20, 1, 0, 0, 0],
        ),
        **changes,
    )


def content(*people, names=NAMES) -> dict:
    images = [dict(id=i, file_name=f'{i}.jpg', width=100, height=80) for i in (1, 2)]
    categories = [dict(id=1, name='person', keypoints=names)]
    return dict(
        images=images,
        annotations=list(people) or [person(1), person(2, 2)],
        categories=categories,
    )


@pytest.fixture
def look_at(tmp_path):
    def of(made, trains=True, in_full=True, **changes) -> Look:
        path = tmp_path / 'ann.json'
        path.write_text(json.dumps(made))
        look = Look('train', 'train_dataloader.dataset', trains)
        file = annotations_in(path, read_json(path))
        look_at_people(look, file, dict(META, **changes), in_full=in_full)
        return look

    return of


def test_what_is_right(look_at):
    for trains in (True, False):
        look = look_at(content(), trains)
        assert look.errors == look.warnings == []
        assert look.line() == 'train: 2 of 2 pictures, 2 of 2 people'
    assert look_at(content(names=['Nose', 'left eye', 'right-eye'])).errors == []


def test_every_cause_is_counted(look_at):
    people = [
        person(1),
        person(2, bbox=[200, 10, 20, 20]),
        person(3, bbox=[10, 10, 0, 20]),
        person(4, keypoints=[1, 1, 0] * 3),
        person(5, num_keypoints=0),
        person(6, iscrowd=1),
        person(7, 9),
        {key: v for key, v in person(8).items() if key != 'keypoints'},
    ]
    look = look_at(content(*people))
    assert look.errors == []
    assert look.left_out == {
        'with a box outside the picture, or of no size': 2,
        'without labelled key points': 1,
        "with 'num_keypoints' 0, though points are labelled": 1,
        "marked 'iscrowd'": 1,
        'of pictures that the file does not list': 1,
        "without 'keypoints'": 1,
    }
    assert look.things == (1, 8)
    assert look.warnings == ['train: only 1 of 8 people are used']
    (error,) = look_at(content(*people[1:])).errors
    assert 'is left of 7 (2 with a box outside' in error


def test_people_without_a_mark_of_groups_are_measured(look_at):
    made = content()
    del made['annotations'][0]['iscrowd']
    look = look_at(made, trains=False)
    assert look.errors == []
    assert look.things == (2, 2)


NUMBERS = [
    dict(keypoints=[1, 1, 2] * 4),
    dict(keypoints=[1, 1, 2] * 2),
    dict(keypoints=[1, 1] * 3),
    dict(keypoints=[1, 1, float('nan')] * 3),
    dict(keypoints=['1'] * 9),
]


@pytest.mark.parametrize('change', NUMBERS)
@pytest.mark.parametrize('in_full', [True, False])
def test_another_number_of_points(look_at, change, in_full):
    look = look_at(content(person(1), person(2, **change)), in_full=in_full)
    (error,) = look.errors
    assert "1 of 2 annotations have 'keypoints' that are not 9 finite numbers" in error


@pytest.mark.parametrize(
    ('names', 'what'),
    [
        (NAMES[::-1], 'its key points in another order than the metainfo'),
        ([*NAMES[:2], 'chin'], 'other key points than the metainfo'),
        (NAMES[:2], '2 key points, the metainfo 3'),
    ],
)
def test_other_names(look_at, names, what):
    (error,) = look_at(content(names=names)).errors
    assert what in error
    assert f'ann.json: {", ".join(names)}' in error
    assert f'metainfo: {", ".join(NAMES)}' in error
    assert f'out_channels={len(names)}' in error


def test_the_metainfo(look_at):
    (error,) = look_at(content(), sigmas=[0.1] * 17).errors
    assert '3 key points, its metainfo 17 sigmas' in error
    assert '0 sigmas' in look_at(content(), sigmas=[]).errors[0]
    (error,) = look_at(content(), dataset_keypoint_weights=[1.0]).errors
    assert '1 joint_weights' in error
    (error,) = look_at(content(), flip_indices=[0, 2, 0]).errors
    assert 'a flip exchanges left_eye with right_eye, but not the other way' in error


def test_areas_are_needed_for_measuring_alone(look_at):
    made = content(person(1, area=None), person(2, 2))
    assert look_at(made).errors == []
    assert "1 of 2 annotations have no 'area'" in look_at(made, False).errors[0]
    made = content(person(1, bbox=None))
    assert "have no 'bbox'" in look_at(made).errors[0]
    assert look_at(made, in_full=False).errors == []


def test_a_class_that_reads_annotations_in_its_own_way(look_at):
    look = look_at(content(person(1, bbox=None), person(2, 2)), in_full=False)
    assert look.line() == 'train: 2 of 2 pictures'


def test_the_distance_of_nme():
    def of(**metric) -> list[str]:
        look = Look('val', 'val_dataloader.dataset', trains=False)
        metric = dict(norm_mode='keypoint_distance', **metric)
        check_distance(look, META, metric, 'val_evaluator')
        return look.errors

    assert 'Write  val_evaluator.keypoint_indices=[A,B]' in of()[0]
    assert of(keypoint_indices=[0, 2]) == []
    assert 'expected are two numbers from 0 to 2' in of(keypoint_indices=[0, 3])[0]
    assert 'expected are two numbers' in of(keypoint_indices=[0])[0]


def test_the_distances_that_mmpose_knows():
    pytest.importorskip('mmpose')
    from hrnet_mm.ops import answer_imports

    answer_imports()
    from mmpose.evaluation.metrics import NME

    assert set(KNOWN_DISTANCES) == NME.DEFAULT_KEYPOINT_INDICES.keys()


def test_the_form_of_mpii(tmp_path):
    def of(*people) -> Look:
        look = Look('train', 'train_dataloader.dataset')
        look_at_joints(look, tmp_path / 'mpii.json', list(people), 3)
        return look

    good = dict(image='a.jpg', joints=[[1, 1]] * 3, joints_vis=[1] * 3)
    look = of(good, good)
    assert look.errors == []
    assert look.line() == 'train: 1 of 1 pictures, 2 of 2 people'
    (error,) = of(good, dict(good, joints=[[1, 1]] * 4)).errors
    assert '1 of 2 people have 4 joints, the metainfo has 3 key points' in error
    assert '1 of 2 people have no joints' in of(good, dict(image='b')).errors[0]


def test_pictures_without_a_size(look_at):
    made = content()
    del made['images'][0]['width']
    (error,) = look_at(made).errors
    assert "1 of 2 images have no 'width' and height above 0, such as {'id': 1" in error


def test_null_in_place_of_key_points(look_at):
    (error,) = look_at(content(person(1), person(2, keypoints=None))).errors
    assert "1 of 2 annotations have 'keypoints' that are not 9 finite numbers" in error
