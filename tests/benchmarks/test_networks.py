"""The timed networks put out numbers of the order of one, and what others put out."""

import benchmark_case
import pytest
import torch
from benchmark_case import TINY
from torch import nn

from benchmarks import networks
from benchmarks.accuracy import difference

tiny_arch = benchmark_case.tiny_arch  # a fixture of each test


def test_outputs_stay_of_the_order_of_one():
    model = networks.set_mode(networks.ours(TINY), TINY)
    with torch.no_grad():
        outputs = model(torch.randn(1, 3, 64, 96))
    assert all(0.1 < x.std() < 30 for x in outputs)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(0 < norm.weight.std() < 0.3 and norm.bias.any() for norm in norms)
    assert not any(norm.training for norm in norms)


@pytest.mark.slow
@pytest.mark.parametrize('task', ['segmentation', 'classification'])
def test_timm_has_the_same_outputs(task):
    pytest.importorskip('timm')
    case = TINY._replace(task=task, arch='w18_small_v1')
    source = networks.set_mode(networks.ours(case), case)
    model = networks.set_mode(networks.timm(case, source), case)
    image = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        for ours, theirs in zip(*(networks.flat(m(image)) for m in (source, model))):
            assert difference(theirs, ours.double()) < 1e-5
