"""hrnet_mm.fast computes what the readable network does, in every mode."""

from __future__ import annotations

import copy

import pytest
import torch
from conftest import randomize
from fast_case import (
    ARCH,
    LEVELS,
    ODD,
    Streams,
    assert_near,
    fcn_head,
    flat,
    step,
    switched,
)
from mmcv.cnn import ConvModule

from hrnet_mm.fast import optimize
from hrnet_mm.models import HRFPN, HRNet
from hrnet_mm.models.heads import HRFuseScales
from hrnet_mm.models.hrnet import ExchangeUnit, Upsample, downsample
from hrnet_mm.models.layers import ConvNorm, Layers, stream

BN = Layers(None, dict(type='BN'))
EVEN = [(2, 40, 16, 24), (2, 36, 8, 12), (2, 33, 4, 6), (2, 32, 2, 3)]


def exchange(upsample, num_out=4):
    channels = [40, 36, 33, 32]
    return Streams(ExchangeUnit(channels, num_out, Upsample.of(upsample), BN))


def neck(**options):
    return Streams(HRFPN(in_channels=[40, 36, 33, 32], out_channels=16, **options))


IMAGE = [(2, 3, 53, 75)]
ONE = [(2, 36, 13, 19)]
CASES = {
    'conv norm': (lambda: ConvNorm(36, 40, 3, BN), ONE),
    'conv norm relu': (lambda: ConvNorm(36, 40, 3, BN, stride=2, relu=True), ONE),
    'downsample': (lambda: downsample(36, 40, 3, BN, relu=False), ONE),
    'downsample of images': (lambda: downsample(3, 8, 2, BN, relu=True), IMAGE),
    'basic blocks of images': (lambda: stream('basic', 3, 8, 2, BN), IMAGE),
    'basic blocks': (lambda: stream('basic', 36, 40, 3, BN), ONE),
    'bottlenecks': (lambda: stream('bottleneck', 36, 12, 2, BN, stride=2), ONE),
    'exchange': (lambda: exchange('nearest'), EVEN),
    'exchange, odd': (lambda: exchange('nearest'), ODD),
    'exchange, one out': (lambda: exchange('nearest', 1), EVEN),
    'exchange, bilinear': (lambda: exchange('bilinear'), ODD),
    'exchange, aligned': (
        lambda: exchange(dict(mode='bilinear', align_corners=True)),
        EVEN,
    ),
    'neck': (neck, ODD),
    'neck, max, stride 2': (lambda: neck(pooling_type='MAX', stride=2), EVEN),
    'neck, 6 levels': (lambda: neck(num_outs=6), EVEN),
    'neck with norms': (lambda: neck(norm_cfg=dict(type='BN'), num_outs=2), EVEN),
    'conv module': (
        lambda: ConvModule(36, 8, 3, dilation=2, norm_cfg=dict(type='BN')),
        ONE,
    ),
    'conv module, bias': (lambda: ConvModule(36, 8, 3, act_cfg=None), ONE),
    'FCN head': (fcn_head, ODD),
    'FCN head, aligned': (lambda: fcn_head(align_corners=True), ODD),
    'FCN head, 2 layers': (lambda: fcn_head(num_convs=2), EVEN),
    'classification': (
        lambda: Streams(HRFuseScales(in_channels=[40, 36, 33, 32])),
        ODD,
    ),
    'body': (lambda: HRNet(ARCH), IMAGE),
    'body, one stream': (lambda: HRNet(ARCH, multiscale_output=False), IMAGE),
    'body, bilinear': (lambda: HRNet(ARCH, upsample='bilinear'), IMAGE),
    'body, recomputed': (lambda: HRNet(ARCH, with_cp=True), IMAGE),
    'body, frozen': (lambda: HRNet(ARCH, frozen_stages=2), IMAGE),
    'body, norm_eval': (lambda: HRNet(ARCH, norm_eval=True), IMAGE),
    'body, SyncBN': (lambda: HRNet(ARCH, norm_cfg=dict(type='SyncBN')), IMAGE),
}


@pytest.fixture(params=list(CASES))
def case(request):
    make, shapes = CASES[request.param]
    model = randomize(make()).double()
    return model, [torch.randn(*shape, dtype=torch.float64) for shape in shapes]


def test_inference_is_equal_in_float64(case):
    model, inputs = case
    kept = [x.clone() for x in inputs]
    model.eval()
    with torch.no_grad():
        assert_near(flat(switched(model)(*inputs)), flat(model(*inputs)), 1e-10)
    assert all(torch.equal(a, b) for a, b in zip(inputs, kept))


@pytest.mark.parametrize('mode', [True, False], ids=['train', 'eval'])
def test_training_is_equal_in_float64(case, mode, request):
    model, inputs = case
    fast = switched(model.train(mode))
    if mode and 'SyncBN' in request.node.name:
        pytest.skip('SyncBN needs several processes')
    assert_near(step(fast, inputs), step(model, inputs), 1e-10)


@pytest.mark.parametrize('level', LEVELS)
def test_inference_is_equal_in_float32(case, level):
    model, inputs = case
    model.eval()
    fast = optimize(copy.deepcopy(model).float(), inference=True, level=level)
    with torch.no_grad():
        found = flat(fast(*(x.float() for x in inputs)))
        assert_near([x.double() for x in found], flat(model(*inputs)), 1e-5)


@pytest.mark.parametrize('level', LEVELS)
@pytest.mark.parametrize('mode', [True, False], ids=['train', 'eval'])
@pytest.mark.parametrize('name', ['basic blocks', 'exchange', 'neck', 'downsample'])
def test_training_is_equal_in_float32(name, mode, level):
    make, shapes = CASES[name]
    model = randomize(make()).train(mode)
    inputs = [torch.randn(*shape) for shape in shapes]
    fast = optimize(copy.deepcopy(model), level=level)
    expected = step(model.double(), [x.double() for x in inputs])
    found = [x if x.dtype == torch.int64 else x.double() for x in step(fast, inputs)]
    assert_near(found, expected, 2e-5)
