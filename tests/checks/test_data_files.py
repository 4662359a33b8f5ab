"""Data that is not where the config says, or not what it reads, is named."""

import json

import pytest
import runner_case
from config_case import parsed
from conftest import ROOT
from mmengine.config import Config

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError

demo = runner_case.demo  # a fixture


def test_missing_data_names_the_path_and_both_remedies(demo, tmp_path):
    with pytest.raises(UserError) as raised:
        moments.before_building(demo, ['train', 'val'])
    message = str(raised.value)
    path = tmp_path / 'data/annotations/instances_train2017.json'
    assert f'the train data has no file {path}' in message
    assert '--cfg-options data_root=/path/to/data/' in message
    assert f'hrnet shapes {tmp_path}/data --layout coco' in message


def test_missing_image_folder(demo, tmp_path):
    for split in ('train', 'val'):
        path = tmp_path / f'data/annotations/instances_{split}2017.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{}')
    with pytest.raises(UserError, match=f'no folder {tmp_path}/data/train2017'):
        moments.before_building(demo, ['train'])


WRONG = [
    ('faster_rcnn_hrnetv2p_w18_1x', 'leftImg8bit/train', r'holds Cityscapes \(mmseg\)'),
    (
        'faster_rcnn_hrnetv2p_w18_1x',
        'annotations/person_keypoints_val2017.json',
        r'holds COCO key points \(mmpose\); this config reads CocoDataset of mmdet',
    ),
    (
        'topdown_hrnet_w32_coco_256x192',
        'annotations/instances_val2017.json',
        r'COCO boxes and masks \(mmdet\); this config reads CocoDataset of mmpose',
    ),
    (
        'fcn_hrnetv2_w48_cityscapes',
        'annotations/instances_val2017.json',
        'this config reads CityscapesDataset of mmseg',
    ),
]


@pytest.mark.parametrize(('name', 'there', 'message'), WRONG)
def test_the_data_of_another_toolbox(name, there, message, tmp_path):
    from hrnet_mm.config.opening import move_data_root

    cfg = Config.fromfile(ROOT / f'configs/{name}.py')
    (tmp_path / there).parent.mkdir(parents=True)
    (tmp_path / there).write_text(json.dumps({}))
    move_data_root(cfg, cfg.data_root, f'{tmp_path}/')
    with pytest.raises(UserError, match=message) as raised:
        moments.before_building(cfg, ['val'])
    assert 'hrnet shapes ' in str(raised.value)


@pytest.mark.slow
def test_a_missing_label_map_folder_is_named(tmp_path):
    for folder in ('annotations', 'train2017'):
        (tmp_path / folder).mkdir()
    (tmp_path / 'annotations/instances_train2017.json').touch()
    cfg = parsed('htc_hrnetv2p_w18_20e')
    cfg.train_dataloader.dataset.data_root = f'{tmp_path}/'
    with pytest.raises(UserError, match='no folder .*stuffthingmaps/train2017'):
        moments.before_building(cfg, ['train'])
