"""Less is stored for the backward pass."""

from __future__ import annotations

import copy

import pytest
import torch

from hrnet_mm.fast import optimize
from hrnet_mm.models import HRNet, hrnet_arch


def stored_bytes(model, image):
    """Count what the graph holds for the backward pass, besides parameters."""
    own = {t.data_ptr() for t in (*model.parameters(), *model.buffers(), image)}
    seen = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = model(image)
    del outputs
    return sum(size for size, _ in seen.values())


@pytest.mark.parametrize(('norm_eval', 'share'), [(True, 0.55), (False, 0.6)])
def test_less_is_stored_for_the_backward_pass(norm_eval, share):
    model = HRNet('w32', norm_eval=norm_eval).train()
    image = torch.randn(1, 3, 64, 64).contiguous(memory_format=torch.channels_last)
    readable = stored_bytes(model, image)
    assert stored_bytes(optimize(model), image) < share * readable


@pytest.mark.parametrize('block', ['basic', 'bottleneck'])
def test_networks_of_few_channels(block):
    """Inside a unit nothing is recomputed from a map that is not stored."""
    torch.manual_seed(0)
    readable = HRNet(hrnet_arch(4, (1, 1, 1, 1), (1, 1, 1, 1), 4, block)).double()
    fast = optimize(copy.deepcopy(readable))
    image = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    for model in (readable, fast):
        sum(x.square().mean() for x in model(image)).backward()
    for ours, theirs in zip(fast.parameters(), readable.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-11)
