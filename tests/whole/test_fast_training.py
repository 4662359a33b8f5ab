"""hrnet_mm.fast trains as the readable network does: steps, processes, whole models."""

from __future__ import annotations

import copy
import os

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from conftest import ROOT, randomize
from fast_case import ARCH, LEVELS, assert_near, both
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from samples import batch, losses_and_gradients, shrunk
from torch.nn.parallel import DistributedDataParallel

from hrnet_mm.fast import optimize
from hrnet_mm.models import HRNet


def test_training_steps_follow_the_readable_network():
    model = both().double()
    fast, losses = optimize(copy.deepcopy(model)), {}
    for name, net in dict(readable=model, fast=fast).items():
        torch.manual_seed(1)
        optimizer = torch.optim.SGD(net.parameters(), 1e-3, momentum=0.9)
        losses[name] = []
        for _ in range(3):
            optimizer.zero_grad()
            outputs = net(torch.randn(2, 3, 64, 64, dtype=torch.float64))
            loss = sum(x.square().mean() for x in outputs)
            loss.backward()
            optimizer.step()
            losses[name].append(loss.item())
    assert losses['fast'] == pytest.approx(losses['readable'], rel=1e-9)
    assert fast[0].bn1.num_batches_tracked == 3


def _train_as(rank, file, state):
    os.environ['OMP_NUM_THREADS'] = '1'
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{file}', rank=rank, world_size=2
    )
    model = HRNet(ARCH).double()
    model.load_state_dict(state)
    parallel = DistributedDataParallel(optimize(model))
    torch.manual_seed(rank)
    outputs = parallel(torch.randn(2, 3, 64, 64, dtype=torch.float64))
    sum(x.square().mean() for x in outputs).backward()
    if rank == 0:
        torch.save([p.grad for p in model.parameters()], f'{file}.grads')
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_share_gradients(tmp_path):
    model = randomize(HRNet(ARCH)).double().train()
    file = tmp_path / 'group'
    mp.spawn(_train_as, (str(file), model.state_dict()), nprocs=2)
    mean = [torch.zeros_like(p) for p in model.parameters()]
    for rank in range(2):
        torch.manual_seed(rank)
        model.zero_grad()
        outputs = model(torch.randn(2, 3, 64, 64, dtype=torch.float64))
        sum(x.square().mean() for x in outputs).backward()
        mean = [m + p.grad / 2 for m, p in zip(mean, model.parameters())]
    assert_near(torch.load(f'{file}.grads'), mean, 1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(
    'name',
    [
        'demo_topdown_hrnet',
        'fcn_hrnetv2_w18_small_v1_cityscapes',
        'ocr_hrnetv2_w48_lip',
    ],
)
def test_losses_and_gradients_of_whole_models(name):
    assert_same_training(name, torch.float64, 'default', 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize('level', LEVELS)
def test_losses_and_gradients_of_a_detector(level):
    """Its own operators know float32 alone; its norms are frozen."""
    assert_same_training('demo_mask_rcnn_hrnetv2p', torch.float32, level, 1e-3)


def assert_same_training(name, dtype, level, tolerance):
    cfg = shrunk(Config.fromfile(ROOT / f'configs/{name}.py'))
    pytest.importorskip(cfg.default_scope)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    model.init_weights()
    model.to(dtype)
    data = batch(cfg)
    loss, gradient = losses_and_gradients(model, data)
    losses, gradients = losses_and_gradients(optimize(model, level=level), data)
    torch.testing.assert_close(losses, loss, rtol=1e-5, atol=0)
    assert gradients.dtype == dtype
    assert (gradients - gradient).norm() < tolerance * gradient.norm()
