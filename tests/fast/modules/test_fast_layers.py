"""Weights that are written past autograd count from eval() on."""

from __future__ import annotations

import copy

import torch
from fast_case import assert_near, both

from hrnet_mm.fast import optimize


def test_weights_written_behind_autograds_back_count_from_eval_on():
    """EMAHook of mmengine writes weights like this."""
    model, image = both().eval(), torch.randn(1, 3, 64, 64)
    fast = optimize(copy.deepcopy(model), inference=True)
    with torch.no_grad():
        fast(image)
        for net in (fast, model):
            for parameter in net.parameters():
                parameter.data.mul_(0.9)
        assert_near(fast.eval()(image), model(image), 1e-5)
