"""The toolboxes' own models are checked when they have been built."""

import pytest
import runner_case
import torch
from config_case import parsed
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from hrnet_mm.checks import moments
from hrnet_mm.errors import UserError

demo = runner_case.demo  # a fixture


@pytest.mark.slow
@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            dict(neck=dict(arch='w32')),
            r'puts out \(16, 32, 64, 128\) channels, the neck',
        ),
        (
            dict(neck=dict(out_channels=32)),
            'the neck puts out 32 channels, model.rpn_head',
        ),
    ],
)
def test_channels_that_do_not_fit(demo, change, message):
    from mmdet.registry import MODELS
    from mmengine.registry import init_default_scope

    init_default_scope('mmdet')
    demo.merge_from_dict(dict(model=change))
    with pytest.raises(UserError, match=message):
        moments.model_built(MODELS.build(demo.model))


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


def test_a_neck_for_another_backbone():
    cfg = parsed('hrnet_w18_c_imagenet')
    cfg.model.neck[0].arch = 'w32'
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    with pytest.raises(UserError, match=r'puts out \(18, 36, 72, 144\) channels, the'):
        moments.model_built(model)


@pytest.mark.parametrize(
    'loss', ['CrossEntropyLoss', 'OhemCrossEntropy', 'hrnet_mm.PixelCrossEntropy']
)
def test_a_segmentor_with_one_channel(loss):
    cfg = parsed('fcn_hrnetv2_w18_small_v1_cityscapes').model
    one = dict(num_classes=2, out_channels=1, threshold=0.3)
    cfg.decode_head.update(one, loss_decode=dict(type=loss))
    name = loss.rpartition('.')[2]
    with torch.device('meta'):
        segmentor = MODELS.build(cfg)
    with pytest.raises(UserError, match=f'{name} compares the channels'):
        moments.model_built(segmentor)
    cfg.decode_head.loss_decode = dict(type='CrossEntropyLoss', use_sigmoid=True)
    with torch.device('meta'):
        moments.model_built(MODELS.build(cfg))


@pytest.mark.parametrize('loss', ['CrossEntropyLoss', 'hrnet_mm.PixelCrossEntropy'])
def test_a_segmentor_with_the_weights_of_cityscapes(loss):
    cfg = parsed('fcn_hrnetv2_w18_small_v1_cityscapes').model
    cfg.decode_head.num_classes = 2
    cfg.decode_head.loss_decode.type = loss
    with torch.device('meta'):
        segmentor = MODELS.build(cfg)
    message = 'loss_decode: class_weight of .* has 19 numbers, .* 2 channels'
    with pytest.raises(UserError, match=message):
        moments.model_built(segmentor)


def test_a_detector_with_the_weights_of_other_classes():
    cfg = parsed('faster_rcnn_hrnetv2p_w18_1x').model
    loss = cfg.roi_head.bbox_head.loss_cls
    for weights, fits in ((80, False), (81, True)):
        loss.class_weight = [1.0] * weights
        with torch.device('meta'):
            detector = MODELS.build(cfg)
        if fits:
            moments.model_built(detector)
            continue
        with pytest.raises(UserError, match='loss_cls: .* 80 numbers, .* 81 channels'):
            moments.model_built(detector)


def test_faces_of_another_arch():
    cfg = parsed('topdown_hrnetv2_w18_cofw_256x256').model
    with torch.device('meta'):
        moments.model_built(MODELS.build(cfg))
        cfg.backbone.arch = 'w18_small_v1'
        faces = MODELS.build(cfg)
    message = 'puts out 240 channels, model.head takes 270. Set in_channels=240 there'
    with pytest.raises(UserError, match=message):
        moments.model_built(faces)
