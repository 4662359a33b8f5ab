"""Table 6 of the paper: every row, its schedule and its parameters."""

import pytest
import torch
from config_case import parsed
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS

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


def test_every_row_of_table_6_has_a_config():
    assert set(TABLE_6) <= set(CONFIGS)


@pytest.mark.parametrize('name', TABLE_6)
def test_the_papers_schedule(name):
    cfg = parsed(name.removesuffix('.py'))
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


@pytest.mark.parametrize(('width', 'millions'), PARAMETERS.items())
def test_parameters(width, millions):
    with torch.device('meta'):
        model = MODELS.build(parsed(f'faster_rcnn_hrnetv2p_{width}_1x').model)
    norms = sum(
        p.numel()
        for m in model.modules()
        if isinstance(m, torch.nn.BatchNorm2d)
        for p in m.parameters()
    )
    # The code that the paper used had a box for the background class too.
    background = 4 * (1024 + 1)
    counted = sum(p.numel() for p in model.parameters()) - norms + background
    assert round(counted / 2**20, 2) == millions
