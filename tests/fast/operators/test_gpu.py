"""The paths for a GPU are tested as far as a CPU can tell."""

from __future__ import annotations

import copy

import pytest
import torch
from fast_case import assert_near, both
from torch import nn

from hrnet_mm.fast import Recorded, optimize
from hrnet_mm.fast.operators.gpu import side_by_side
from hrnet_mm.models import HRNet

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU')


def maps_of(module):
    """One map for each stream of a module, of the sizes that it has in the network."""
    widths = [branch[0].conv1.in_channels for branch in module.branches]
    return [torch.randn(2, c, 32 >> i, 48 >> i) for i, c in enumerate(widths)]


def test_streams_at_the_same_time_are_those_in_turn():
    module = HRNet('w18').eval().stage4[0]
    inputs = maps_of(module)
    with torch.no_grad():
        expected = [branch(x) for branch, x in zip(module.branches, inputs)]
        found = side_by_side(module.branches, inputs)
    assert len(found) == 4
    assert all(torch.equal(a, b) for a, b in zip(found, expected))


def test_one_stream_needs_no_other():
    (out,) = side_by_side([nn.ReLU()], [torch.tensor([-1.0, 2.0])])
    assert out.tolist() == [0.0, 2.0]


def test_a_graph_without_a_gpu_is_refused():
    with pytest.raises(ValueError, match='a CUDA graph needs a CUDA device, the image'):
        Recorded(both().eval(), torch.randn(1, 3, 64, 64))


@needs_gpu
def test_a_graph_gives_what_the_network_gives():
    model = both().eval().cuda()
    fast = optimize(copy.deepcopy(model), inference=True, level='max')
    images = [torch.randn(2, 3, 64, 96, device='cuda') for _ in range(3)]
    recorded = Recorded(fast, images[0])
    with torch.no_grad():
        for image in images:
            assert_near(recorded(image), model(image), 1e-4)
    with pytest.raises(ValueError, match=r'recorded for images of \(\(2, 3, 64, 96\)'):
        recorded(images[0][:1])
    with pytest.raises(ValueError, match='the model is in training mode'):
        Recorded(fast.train(), images[0])
