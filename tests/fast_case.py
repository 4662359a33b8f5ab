"""What the tests of hrnet_mm.fast share."""

from __future__ import annotations

import pytest
import torch
from conftest import randomize
from torch import nn

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
