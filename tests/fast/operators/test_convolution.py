"""Folded weights follow those of the model, and are folded once."""

from __future__ import annotations

import copy
import pickle

import torch
from fast_case import assert_near, both

from hrnet_mm.fast import optimize


def test_keys_stay_and_later_weights_count():
    model, image = both().eval(), torch.randn(1, 3, 64, 96)
    fast = optimize(both(), inference=True)
    assert fast.state_dict().keys() == model.state_dict().keys()
    with torch.no_grad():
        fast(image)
        fast.load_state_dict(model.state_dict())
        assert_near(fast(image), model(image), 1e-5)
        for net in (fast, model):
            net[0].stage4[0].branches[0][0].conv1.weight.mul_(1.5)
            net[0].bn1.running_var.mul_(2)
        assert_near(fast(image), model(image), 1e-5)
    state = fast.state_dict()
    assert all(torch.equal(state[k], v) for k, v in model.state_dict().items())


def test_copies_stand_alone():
    fast, image = optimize(both(), inference=True), torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = fast(image)
        for other in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast))):
            assert_near(other(image), expected, 0)
            other[0].conv1.weight.zero_()
        assert_near(fast(image), expected, 0)


def test_other_sizes_need_nothing_new():
    fast = optimize(both(), inference=True)
    with torch.no_grad():
        fast(torch.randn(1, 3, 64, 64))
        unit = fast[0].stage2[0].branches[0][0].last_unit
        weight = unit.packed(torch.randn(1, 18, 16, 16)).weight
        fast(torch.randn(2, 3, 53, 75))
    assert unit.packed(torch.randn(2, 18, 14, 19)).weight is weight
