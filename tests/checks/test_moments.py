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
