"""Each row of the benchmark is compared with the same network in double precision."""

import benchmark_case
import pytest
import torch
from benchmark_case import TINY, TRAINED

from benchmarks import networks, rows
from benchmarks.accuracy import Reference, difference

tiny_arch = benchmark_case.tiny_arch  # a fixture of each test


def test_difference_is_relative_to_the_largest_value():
    exact = torch.tensor([0.0, -4.0, 2.0], dtype=torch.float64)
    assert difference(torch.tensor([0.0, -4.0, 2.5]), exact) == 0.125


@pytest.mark.parametrize('case', [TINY, TRAINED])
def test_the_reference_is_in_double_precision(case):
    source = networks.set_mode(networks.ours(case), case)
    image = torch.randn(2, 3, *case.shape[1:])
    reference = Reference(case, source, image)
    assert reference.images == (2 if case.training else 1)
    assert all(x.dtype == torch.float64 for x in reference.outputs)
    step = rows.Step(source, image, case.training)
    assert 0 < reference.of_outputs(step()) < 1e-4
    if case.training:
        found = {name: p.grad for name, p in source.named_parameters()}
        largest, together = reference.of_gradients(found)
        assert 0 < together < 1e-3
        assert largest > together / 2
        assert reference.of_gradients({'renamed': image}) is None
