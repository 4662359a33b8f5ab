"""Hooks that change how a model computes change no result."""

import pytest
import runner_case
import torch
from conftest import ROOT, needs_fast
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from runner_case import Regressor, losses_of, regression
from samples import batch, losses_and_gradients, shrunk
from torch import nn

from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.models import HRNet
from hrnet_mm.training.hooks import channels_last
from hrnet_mm.weights import read_checkpoint

registered = runner_case.registered  # a fixture


@pytest.mark.usefixtures('registered')
@pytest.mark.parametrize('norm_eval', [True, False])
@needs_fast
def test_fast_training_has_the_same_losses(tmp_path, norm_eval):
    losses = []
    for name in ('plain', 'fast'):
        # In float32 the statistics of few pixels amplify rounding: from the third step
        # on the readable network alone differs by 0.7 % between one and two threads.
        options = dict(norm_eval=norm_eval, dtype='float64')
        runner = regression(tmp_path / f'{name} {norm_eval}', 4, **options)
        if name == 'fast':
            runner.register_hook(dict(type='hrnet_mm.FastHook'))
        runner.train()
        losses.append(losses_of(runner))
        assert isinstance(runner.model.backbone, Fast) == (name == 'fast')
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)
    state = read_checkpoint(tmp_path / f'fast {norm_eval}/epoch_2.pth')
    assert state['state_dict'].keys() == Regressor().state_dict().keys()


def test_weights_change_their_order_only():
    model = channels_last(HRNet('w18_small_v1').eval())
    assert model.conv2.weight.is_contiguous(memory_format=torch.channels_last)
    outputs = model(torch.randn(1, 3, 32, 32))
    assert outputs[0].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.slow
def test_roi_align_gets_the_order_that_it_reads():
    ops = pytest.importorskip('mmcv.ops')
    features = torch.randn(1, 8, 20, 20).to(memory_format=torch.channels_last)
    boxes = torch.tensor([[0, 3.0, 4.0, 50.0, 60.0]])
    align = nn.Sequential(ops.RoIAlign(7, 0.25, 2))
    expected = align[0](features.contiguous(), boxes)
    channels_last(align)
    torch.testing.assert_close(align[0](features, boxes), expected, rtol=0, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize('name', ['demo_mask_rcnn_hrnetv2p', 'demo_fcn_hrnetv2'])
def test_losses_and_gradients_are_equal(name):
    cfg = shrunk(Config.fromfile(ROOT / f'configs/{name}.py'))
    pytest.importorskip(cfg.default_scope)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    model.init_weights()
    data = batch(cfg)
    loss, gradient = losses_and_gradients(model, data)
    losses, gradients = losses_and_gradients(channels_last(model), data)
    torch.testing.assert_close(losses, loss, rtol=1e-5, atol=0)
    assert (gradients - gradient).norm() < 1e-3 * gradient.norm()
