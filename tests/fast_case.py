"""The tests of hrnet_mm.fast share these networks and comparisons."""

from __future__ import annotations

import copy

import pytest
import torch
from conftest import randomize
from torch import nn

from hrnet_mm.fast import optimize
from hrnet_mm.fast.modules.fast_layers import Fast
from hrnet_mm.fast.native import library
from hrnet_mm.models import HRFPN, HRNet

ARCH = 'w18_small_v1'

LEVELS = [
    'default',
    pytest.param(
        'max',
        marks=pytest.mark.skipif(not library.available(), reason='no C++ compiler'),
    ),
]


def flat(outputs):
    return [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)


def step(model, inputs):
    """Outputs, gradients of inputs and parameters, buffers."""
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    model.zero_grad(set_to_none=True)
    outputs = flat(model(*inputs))
    sum(x.square().mean() for x in outputs).backward()
    parameters = [p.grad for p in model.parameters() if p.requires_grad]
    return [*outputs, *(x.grad for x in inputs), *parameters, *model.buffers()]


def assert_near(found, expected, tolerance):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert (a - b).abs().max() <= tolerance * max(b.abs().max(), 1e-3)


def both(**options):
    """Backbone and pyramid."""
    return randomize(nn.Sequential(HRNet(ARCH, **options), HRFPN(ARCH)))


ODD = [(2, 40, 13, 19), (2, 36, 7, 10), (2, 33, 4, 5), (2, 32, 2, 3)]


class Streams(nn.Module):
    """Something that takes a list of maps, for `compare`."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *maps):
        return self.module(list(maps))


def fcn_head(**options):
    head = pytest.importorskip('mmseg.models.decode_heads').FCNHead
    settings = dict(
        in_channels=[40, 36, 33, 32],
        in_index=[0, 1, 2, 3],
        input_transform='resize_concat',
        channels=24,
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        dropout_ratio=-1,
        num_classes=5,
        norm_cfg=dict(type='BN'),
        align_corners=False,
    )
    return Streams(head(**{**settings, **options}))


def switched(model):
    fast = optimize(copy.deepcopy(model))
    assert any(isinstance(m, Fast) for m in fast.modules())
    return fast
