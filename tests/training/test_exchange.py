"""Results reach the first process in order, without files."""

from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest
from mmengine.dist import collect_results
from mmengine.evaluator import BaseMetric
from processes_case import in_processes
from torch import distributed

from hrnet_mm.training import exchange
from hrnet_mm.training.exchange import (
    by_first,
    from_all,
    from_first,
    results_by_the_group,
    results_to_first,
)


def test_one_process_keeps_what_it_has():
    assert results_to_first([1, 2, 3], 2) == [1, 2]
    assert from_first('a') == 'a'
    assert from_all('a') == ['a']
    assert by_first(lambda: 5) == 5


class Mean(BaseMetric):
    """A figure that the first process computes of all results, in order."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        return dict(order=[int(each['number']) for each in results])


def exchange_all(folder: str, size: int) -> dict:
    """Exchange values of several kinds, in a folder that has no room for files."""
    exchange.PIECE = 1000  # so that there are several
    os.chdir(folder)
    rank, number = distributed.get_rank(), distributed.get_world_size()
    drawn = np.random.default_rng(0).normal(size=(size, 50))
    part = [dict(number=i, x=drawn[i]) for i in range(rank, size, number)]
    metric = Mean()
    metric.process(None, part)
    with results_by_the_group():
        every = collect_results(list(part), size)
        figures = metric.evaluate(size)
    whole = every is not None and all(
        each['number'] == i and np.array_equal(each['x'], drawn[i])
        for i, each in enumerate(every)
    )
    return dict(
        number=None if every is None else len(every),
        whole=whole,
        figures=figures,
        first=from_first(np.full(700, rank)).tolist(),
        found=by_first(lambda: rank),
        all=from_all(rank),
        files=os.listdir(),
    )


@pytest.mark.slow
@pytest.mark.parametrize(('number', 'size'), [(2, 101), (3, 2), (3, 100)])
def test_everything_arrives_in_order_and_nothing_by_files(tmp_path, number, size):
    empty = tmp_path / 'empty'
    empty.mkdir()
    ends = in_processes(exchange_all, tmp_path, number, str(empty), size)
    for rank, end in enumerate(ends):
        assert end['number'] == (size if rank == 0 else None)
        assert end['whole'] == (rank == 0)
        assert end['figures'] == dict(order=list(range(size)))
        assert end['first'] == [0] * 700
        assert end['found'] == 0
        assert end['all'] == list(range(number))
        assert end['files'] == []


def memory_of_sending(size: int) -> float:
    """Return the peak of memory besides the results, in their own sizes."""
    part = [np.random.default_rng(i).bytes(1000) for i in range(size)]
    tracemalloc.start()
    every = results_to_first(part, 2 * size)
    _, peak = tracemalloc.get_traced_memory()
    assert (every is None) == (distributed.get_rank() == 1)
    return peak / (size * 1000)


@pytest.mark.slow
def test_the_sender_needs_the_memory_of_a_piece(tmp_path):
    first, second = in_processes(memory_of_sending, tmp_path, 2, 20_000)
    assert second < 0.05
    assert first > 0.9


def test_mmengine_is_as_before_outside_of_the_context():
    from mmengine.dist import dist

    before = dist.collect_results_cpu
    with results_by_the_group():
        assert dist.collect_results_cpu is results_to_first
    assert dist.collect_results_cpu is before
