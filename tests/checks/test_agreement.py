"""Data, backbone, neck and heads that do not fit each other, found before training."""

import re

import class_folders_case
import pytest
import runner_case
from class_folders_case import on_folders
from parts_case import Part, model
from runner_case import write_coco
from torch import nn

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError
from hrnet_mm.training import Runner

demo, folders = runner_case.demo, class_folders_case.folders  # fixtures


@pytest.mark.slow
def test_categories_that_match_no_class(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'tumour'), (2, 'nodule')])
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    assert 'found in the file: tumour, nodule' in str(raised.value)
    assert 'expected some of:  person, stop sign' in str(raised.value)


@pytest.mark.slow
def test_another_number_of_classes(demo, tmp_path):
    write_coco(tmp_path / 'data', [(1, 'person')])
    demo.model.roi_head.bbox_head.num_classes = 3
    demo.experiment_name = 'classes'
    runner = Runner.from_cfg(demo)
    with pytest.raises(UserError) as raised:
        runner.train()
    message = str(raised.value)
    assert 'model.roi_head.bbox_head.num_classes is 3' in message
    assert 'the train data has 6 classes: person, stop sign' in message


def test_a_class_that_is_ignored():
    expected = (
        'model.decode_head has 300 classes, and ignores one of them: ignore_index is '
        '255. Set ignore_index=65535 there, and wherever the pipelines, data sets and '
        'metrics have 255'
    )
    with pytest.raises(UserError, match=f'^{re.escape(expected)}$'):
        moments.model_built(model(decode_head=Part(num_classes=300, ignore_index=255)))
    for classes, ignored in ((300, 65535), (255, 255), (300, 0)):
        fitting = Part(num_classes=classes, ignore_index=ignored)
        moments.model_built(model(decode_head=fitting))


class Data:
    """A data set of nothing but what is asked for."""

    def __init__(self, instances=(), **metainfo):
        self.metainfo = metainfo
        self.instances = list(instances)

    def get_data_info(self, index):
        return dict(instances=self.instances)


def test_another_number_of_key_points():
    pose = model(head=Part(out_channels=16))
    with pytest.raises(UserError, match='puts out 16 heat maps, but .* 17 key points'):
        moments.before_first_image(pose, dict(num_keypoints=17))
    moments.before_first_image(pose, dict(num_keypoints=16))


def test_another_number_of_classes_of_one_head_of_several():
    heads = nn.ModuleList([Part(num_classes=19), Part(num_classes=20)])
    segmentor = model(decode_head=heads)
    with pytest.raises(UserError, match=r'model.decode_head.1.num_classes is 20'):
        moments.before_first_image(
            segmentor, dict(classes=tuple('abcdefghijklmnopqrs'))
        )


@pytest.mark.slow
def test_a_head_for_other_classes(folders, tmp_path):
    options = {'model.head.num_classes': 1000}
    cfg = on_folders(folders, tmp_path / 'wrong', **options)
    message = 'model.head.num_classes is 1000, but the train data has 5 classes: blue, '
    with pytest.raises(UserError, match=message):
        Runner.from_cfg(cfg).train()


def test_masks_that_are_not_there():
    cfg = dict(
        ann_file='a.json', pipeline=[dict(type='LoadAnnotations', with_mask=True)]
    )
    with pytest.raises(UserError, match=r"a.json have boxes, but no 'segmentation'"):
        moments.data_built(Data([dict(bbox=[0, 0, 1, 1])]), cfg, images=1)
    moments.data_built(Data([dict(mask=[[0, 0, 1, 1, 0, 1]])]), cfg, images=1)


@pytest.mark.parametrize(
    ('given', 'fits'),
    [
        (dict(crop_size=(8, 8), stride=(8, 6)), True),
        (dict(crop_size=[8, 8], stride=[1, 1]), True),
        (dict(crop_size=(8, 8), stride=(9, 8)), False),
        (dict(crop_size=(8, 8), stride=(0, 8)), False),
        (dict(crop_size=8, stride=6), False),
        (dict(crop_size=(8, 8)), False),
    ],
)
def test_windows_without_gaps(given, fits):
    segmentor = model(test_cfg=dict(mode='slide', **given))
    if fits:
        moments.model_built(segmentor)
        return
    crop, stride = given['crop_size'], given.get('stride')
    message = f'model.test_cfg has crop_size={crop} and stride={stride}. Windows need'
    with pytest.raises(UserError, match=re.escape(message)):
        moments.model_built(segmentor)


def test_whole_pictures_have_no_windows():
    for given in (None, {}, dict(mode='whole', stride=3)):
        moments.model_built(model(test_cfg=given))
