"""Every config parses, builds, agrees with itself, trains a step and predicts."""

import re

import pytest
import torch
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import init_default_scope

pytestmark = pytest.mark.slow
CONFIGS = sorted(path.name for path in (ROOT / 'configs').glob('*.py'))
TABLE_6 = [
    f'faster_rcnn_{backbone}_{schedule}.py'
    for backbone in (
        *(f'hrnetv2p_w{width}' for width in (18, 32, 40, 48)),
        *(f'{resnet}_fpn' for resnet in ('r50', 'r101', 'r152', 'x101_64x4d')),
    )
    for schedule in ('1x', '2x')
]
# Parameters in millions: Table VII of the paper counts without BatchNorm and in 2**20.
PARAMETERS = dict(w18=26.18, w32=45.04, w40=60.52, w48=79.42)


def parsed(name: str) -> Config:
    pytest.importorskip('mmdet')
    cfg = Config.fromfile(ROOT / 'configs' / name)
    init_default_scope(cfg.default_scope)
    return cfg


def built(cfg: Config):
    from mmdet.registry import MODELS

    return MODELS.build(cfg.model)


def test_every_row_of_table_6_has_a_config():
    assert set(TABLE_6) <= set(CONFIGS)


@pytest.mark.parametrize('name', CONFIGS)
def test_parses_and_says_what_it_is(name):
    cfg = parsed(name)
    text = (ROOT / 'configs' / name).read_text()
    assert not re.search(r'\bextra\b', text)
    assert text.startswith('"""')
    assert f'configs/{name}' in text
    assert cfg.custom_imports == dict(imports=['hrnet_mm'], allow_failed_imports=False)


@pytest.mark.parametrize('name', TABLE_6)
def test_the_papers_schedule(name):
    cfg = parsed(name)
    warm_up, steps = cfg.param_scheduler
    epochs, milestones = (12, [8, 11]) if '_1x' in name else (24, [20, 23])
    assert cfg.train_cfg.max_epochs == steps.end == epochs
    assert steps.milestones == milestones
    assert warm_up.start_factor == 1 / 3
    assert warm_up.end == 500
    assert cfg.optim_wrapper.optimizer == dict(
        type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4
    )
    assert cfg.optim_wrapper.clip_grad.max_norm == 35
    assert cfg.auto_scale_lr == dict(enable=True, base_batch_size=16)
    assert 'AP ' in (ROOT / 'configs' / name).read_text().split('"""')[1]


def test_mmdets_schedule_is_there_under_its_name():
    cfg = Config.fromfile(ROOT / 'configs/_base_/schedule_2x_mmdet.py')
    assert cfg.param_scheduler[1].milestones == [16, 22]
    assert cfg.optim_wrapper.clip_grad is None


@pytest.mark.parametrize('name', [name for name in TABLE_6 if '_1x' in name])
def test_builds_and_agrees_on_channels(name):
    from hrnet_mm.engine.agreement import check_channels

    with torch.device('meta'):
        model = built(parsed(name))
    check_channels(model)
    width = name.removeprefix('faster_rcnn_hrnetv2p_').removesuffix('_1x.py')
    if width in PARAMETERS:
        norms = sum(
            p.numel()
            for m in model.modules()
            if isinstance(m, torch.nn.BatchNorm2d)
            for p in m.parameters()
        )
        # The code that the paper used had a box for the background class too.
        background = 4 * (1024 + 1)
        counted = sum(p.numel() for p in model.parameters()) - norms + background
        assert round(counted / 2**20, 2) == PARAMETERS[width]


@pytest.mark.parametrize(
    'name',
    [
        *(f'faster_rcnn_hrnetv2p_w{width}_1x.py' for width in (18, 32, 40, 48)),
        'faster_rcnn_r50_fpn_1x.py',
        'demo_faster_rcnn_hrnetv2p.py',
    ],
)
def test_one_training_step_and_one_prediction(name):
    from mmdet.structures import DetDataSample
    from mmengine.optim import OptimWrapper
    from mmengine.structures import InstanceData

    from hrnet_mm.engine.cli import forget_pretrained

    cfg = parsed(name)
    cfg.model.train_cfg.rpn.allowed_border = -1  # the image is smaller than anchors
    cfg.model.test_cfg.rpn.update(nms_pre=50, max_per_img=20)
    cfg.model.train_cfg.rpn_proposal.update(nms_pre=50, max_per_img=20)
    forget_pretrained(cfg)
    model = built(cfg)
    model.init_weights()
    sample = DetDataSample(
        metainfo=dict(img_shape=(64, 96), ori_shape=(64, 96), scale_factor=(1.0, 1.0))
    )
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor([[8.0, 8.0, 40.0, 48.0]]), labels=torch.tensor([1])
    )
    data = dict(inputs=[torch.rand(3, 64, 96) * 255], data_samples=[sample])
    data = {k: v * 2 for k, v in data.items()}  # two images
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    losses = model.train().train_step(data, wrapper)
    assert losses['loss'].isfinite()
    assert losses['loss'] > 0
    results = model.eval().test_step(data)
    assert len(results) == 2
    assert results[0].pred_instances.bboxes.shape[1] == 4
