"""Every config parses, builds, agrees with itself, trains a step and predicts.

The smallest of each method in `make test`, all of them in `make test-all`.
"""

import re

import pytest
import torch
from config_case import parsed
from conftest import ROOT
from mmengine.registry import MODELS
from samples import batch, shrunk

from hrnet_mm.checks import moments

pytestmark = pytest.mark.slow
CONFIGS = sorted(path.stem for path in (ROOT / 'configs').glob('*.py'))
# One of each method, the smallest; the others take minutes.
QUICK = {
    'cascade_mask_rcnn_hrnetv2p_w18_20e',
    'cascade_rcnn_hrnetv2p_w18_20e',
    'demo_faster_rcnn_hrnetv2p',
    'demo_fcn_hrnetv2',
    'demo_mask_rcnn_hrnetv2p',
    'demo_topdown_hrnet',
    'faster_rcnn_hrnetv2p_w18_1x',
    'faster_rcnn_r50_fpn_1x',
    'fcn_hrnetv2_w18_small_v1_cityscapes',
    'fcos_hrnetv2p_w18_2x',
    'hrnet_w18_small_v1_c_imagenet',
    'htc_hrnetv2p_w18_20e',
    'mask_rcnn_hrnetv2p_w18_1x',
    'ocr_hrnetv2_w48_cityscapes',
    'resnet38_imagenet',
    'topdown_hrnet_w32_coco_256x192',
    'topdown_hrnetv2_w18_wflw_256x256',
}
EACH = [
    pytest.param(name, marks=[] if name in QUICK else pytest.mark.full)
    for name in CONFIGS
]


def test_the_quick_ones_exist():
    assert set(CONFIGS) >= QUICK


@pytest.mark.parametrize('name', CONFIGS)
def test_says_what_it_is(name):
    text = (ROOT / 'configs' / f'{name}.py').read_text()
    assert not re.search(r'\bextra\b', text)
    docstring = text.split('"""')[1]
    assert text.startswith('"""')
    assert f'python tools/train.py configs/{name}.py' in docstring


@pytest.mark.parametrize('name', EACH)
def test_builds_and_agrees_on_channels(name):
    cfg = parsed(name)
    assert 'hrnet_mm' in cfg.custom_imports['imports']
    assert 'work_dir' not in cfg
    with torch.device('meta'):
        moments.model_built(MODELS.build(cfg.model))


@pytest.mark.parametrize('name', EACH)
def test_one_training_step_and_one_prediction(name):
    from mmengine.optim import OptimWrapper

    cfg = shrunk(parsed(name))
    model = MODELS.build(cfg.model)
    model.init_weights()
    data = batch(cfg)
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-4))
    losses = model.train().train_step(data, wrapper)
    assert losses['loss'].isfinite()
    assert losses['loss'] > 0
    results = model.eval().test_step(data)
    assert len(results) == 2
    assert set(results[0].keys()) & {
        'pred_instances',
        'pred_sem_seg',
        'pred_label',
        'pred_score',
    }
