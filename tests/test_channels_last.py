"""Channels-last order changes no result, RoIAlign's included."""

import pytest
import torch
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from samples import batch, shrunk
from torch import nn

from hrnet_mm.engine.channels_last import channels_last
from hrnet_mm.models import HRNet


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
    model.train()
    data = batch(cfg)

    def step():
        torch.manual_seed(0)  # samplers of boxes
        model.zero_grad()
        inputs = model.data_preprocessor(data, training=True)
        losses, _ = model.parse_losses(model(**inputs, mode='loss'))
        losses.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        return losses, torch.cat([g.flatten() for g in gradients])

    loss, gradient = step()
    channels_last(model)
    losses, gradients = step()
    torch.testing.assert_close(losses, loss, rtol=1e-5, atol=0)
    assert (gradients - gradient).norm() < 1e-3 * gradient.norm()
