"""Data, backbone, neck and heads that do not fit each other, found before training."""

import json

import pytest
import torch
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError


class Part(nn.Module):
    """A module with some attributes."""

    def __init__(self, **attributes):
        super().__init__()
        for name, value in attributes.items():
            setattr(self, name, value)


def model(**parts) -> nn.Module:
    whole = nn.Module()
    for name, part in parts.items():
        setattr(whole, name, part)
    return whole


STREAMS = Part(out_channels=(16, 32, 64, 128))


@pytest.mark.parametrize(
    ('parts', 'message'),
    [
        (
            dict(backbone=STREAMS, neck=Part(in_channels=(18, 36, 72, 144))),
            r'puts out \(16, 32, 64, 128\) channels, the neck takes \(18, 36, 72, 144',
        ),
        (
            dict(neck=Part(out_channels=64), mask_head=Part(in_channels=256)),
            'the neck puts out 64 channels, model.mask_head takes 256',
        ),
        (
            dict(
                backbone=STREAMS,
                decode_head=Part(
                    in_channels=270,
                    in_index=(0, 1, 2, 3),
                    input_transform='resize_concat',
                ),
            ),
            'the backbone puts out 240 channels, model.decode_head takes 270',
        ),
        (
            dict(backbone=Part(out_channels=(32,)), head=Part(in_channels=48)),
            'the backbone puts out 32 channels, model.head takes 48',
        ),
    ],
)
def test_channels_that_do_not_fit(parts, message):
    with pytest.raises(UserError, match=message):
        moments.model_built(model(**parts))


def test_channels_that_fit():
    head = Part(in_channels=240, in_index=(0, 1, 2, 3), input_transform='resize_concat')
    moments.model_built(model(backbone=STREAMS, decode_head=head))
    moments.model_built(model(backbone=STREAMS, head=Part(in_channels=128)))


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


def test_masks_that_are_not_there():
    cfg = dict(
        ann_file='a.json', pipeline=[dict(type='LoadAnnotations', with_mask=True)]
    )
    with pytest.raises(UserError, match=r"a.json have boxes, but no 'segmentation'"):
        moments.data_built(Data([dict(bbox=[0, 0, 1, 1])]), cfg, images=1)
    moments.data_built(Data([dict(mask=[[0, 0, 1, 1, 0, 1]])]), cfg, images=1)


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
def test_the_streams_of_a_segmentor_and_its_head():
    pytest.importorskip('mmseg')
    cfg = Config.fromfile(ROOT / 'configs/fcn_hrnetv2_w48_cityscapes.py')
    init_default_scope('mmseg')
    cfg.model.backbone.arch = 'w40'
    with torch.device('meta'):
        segmentor = MODELS.build(cfg.model)
    with pytest.raises(UserError, match='puts out 600 channels, model.decode_head tak'):
        moments.model_built(segmentor)
