"""Running statistics are the same in all processes where they count."""

from __future__ import annotations

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from processes_case import in_processes
from torch import distributed, nn

from hrnet_mm.training.running_statistics import average


def averages() -> list[list[torch.Tensor]]:
    """Average the buffers of a model of each process, and of its averaged weights."""
    rank = distributed.get_rank()
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.BatchNorm1d(3))
    generator = torch.Generator().manual_seed(rank)
    model[1].running_mean.copy_(torch.rand(3, generator=generator))
    model[1].num_batches_tracked += rank
    frozen = torch.rand(3, generator=torch.Generator().manual_seed(9))
    model[2].running_var.copy_(frozen)
    averaged = ExponentialMovingAverage(model)
    averaged.module[1].running_var.fill_(rank)
    before = [buffer.clone() for buffer in model.buffers()]
    models = [model, averaged]
    average([x for each in models for x in each.buffers() if x.is_floating_point()])
    return [before, list(model.buffers()), list(averaged.module.buffers())]


@pytest.mark.slow
def test_the_mean_of_all_and_equal_values_as_they_were(tmp_path):
    ends = in_processes(averages, tmp_path, 3)
    means = torch.stack([before[0] for before, _, _ in ends]).double().mean(0).float()
    for rank, (before, after, averaged) in enumerate(ends):
        assert torch.equal(after[0], means)
        assert after[2] == before[2] == rank  # whole numbers are left alone
        assert all(
            torch.equal(x, y) for x, y in zip(before[3:], after[3:], strict=True)
        )
        assert torch.equal(averaged[1], torch.ones(3))
        assert torch.equal(averaged[0], ends[0][2][0])


def test_one_process_changes_nothing():
    model = nn.BatchNorm1d(3)
    average(list(model.buffers())[:2])
    assert torch.equal(model.running_var, torch.ones(3))
