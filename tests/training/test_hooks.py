"""Hooks that change how a model computes change no result."""

import pytest
import runner_case
import torch
from conftest import ROOT, needs_fast
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import BaseDataElement, InstanceData
from runner_case import Regressor, losses_of, regression
from samples import batch, losses_and_gradients, shrunk
from stopped_case import EPOCHS, runner_of
from torch import nn

from hrnet_mm.errors import UserError
from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.models import HRNet
from hrnet_mm.training.hooks import channels_last, pictures_of
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


class Spoil(Hook):
    """This hook makes the weights NaN before the seventh iteration."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 6:
            runner.model.linear.weight.data.fill_(float('nan'))


def test_training_ends_at_the_first_loss_that_is_no_number(tmp_path):
    with pytest.raises(UserError) as caught:
        runner_of(tmp_path, hooks=(Spoil(),)).train()
    text = str(caught.value)
    assert 'the loss is no number any more at iteration 7 (epoch 2): loss = nan' in text
    assert 'The learning rate is 0.00' in text
    assert text.endswith('--allow-nan')
    assert (tmp_path / 'last_checkpoint').read_text() == 'epoch_1.pth'


def test_training_goes_on_with_nan_where_that_is_allowed(tmp_path):
    runner = runner_of(tmp_path, hooks=(Spoil(),), allow_nan=True)
    runner.train()
    assert (tmp_path / 'last_checkpoint').read_text() == 'epoch_4.pth'
    said = ''.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert said.count('the loss is no number any more') == 1


def test_weights_that_are_no_numbers_are_not_saved(tmp_path):
    class SpoilLate(Spoil):
        def after_train_epoch(self, runner):
            runner.model.linear.weight.data.fill_(float('inf'))

    with pytest.raises(UserError, match=r'1 weights are NaN .*linear\.weight'):
        runner_of(tmp_path, EPOCHS, hooks=(SpoilLate(),)).train()
    assert not list(tmp_path.glob('*.pth'))


def test_no_figures_come_of_predictions_that_are_no_numbers(tmp_path):
    runner = runner_of(tmp_path)
    sample = BaseDataElement(pred=InstanceData(scores=torch.tensor([1, float('nan')])))
    sample.set_field('a.jpg', 'img_path', field_type='metainfo')
    for moment in ('after_val_iter', 'after_test_iter'):
        with pytest.raises(UserError, match=r'a\.jpg: the model finds NaN .*pred\.sco'):
            runner.call_hook(moment, batch_idx=0, data_batch={}, outputs=[sample])


def test_pictures_of_a_batch():
    samples = [BaseDataElement(metainfo=dict(img_path=name)) for name in 'ab']
    assert pictures_of(dict(data_samples=samples)) == ['a', 'b']
    assert pictures_of([1]) == []
