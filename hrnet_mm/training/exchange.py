"""Objects go from process to process by the group, in pieces, and never by files.

mmengine gathers the results of an evaluation through files in the current folder, which
two machines need not share, and which may be read-only.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, zip_longest
from typing import Any

import torch
from mmengine.dist import dist as mmengine_dist
from mmengine.evaluator import metric as mmengine_metric
from torch import distributed

from .lockstep import is_alone, is_first, time_limit, wait_for_first

PIECE = 16 * 2**20  # bytes of a tensor that is sent
NOTHING = object()


@cache
def _group_of_cpus(world: Any) -> Any:
    """Return a group that sends tensors in the memory of CPUs.

    Args:
        world: The default group, so that another one has its own.
    """
    if distributed.get_backend(world) == 'gloo':
        return world
    # torch would give it half an hour, whatever the default group has.
    return distributed.new_group(backend='gloo', timeout=time_limit())


def group_of_cpus() -> Any:
    """Return a group of all processes that sends tensors in the memory of CPUs."""
    return _group_of_cpus(distributed.group.WORLD)


def _pieces_of(data: bytearray) -> Iterator[torch.Tensor]:
    """Yield tensors in whose memory are the parts of the data, to be sent or filled."""
    for start in range(0, len(data), PIECE):
        part = memoryview(data)[start : start + PIECE]
        yield torch.frombuffer(part, dtype=torch.uint8)


def _send(data: bytearray, to: int) -> None:
    group = group_of_cpus()
    distributed.send(torch.tensor([len(data)]), to, group)
    for piece in _pieces_of(data):
        distributed.send(piece, to, group)


def _receive(source: int) -> bytearray:
    group = group_of_cpus()
    size = torch.tensor([0])
    distributed.recv(size, source, group)
    data = bytearray(int(size))
    for piece in _pieces_of(data):
        distributed.recv(piece, source, group)
    return data


def results_to_first(part: list[Any], size: int, _folder: Any = None) -> list | None:
    """Give the results of all processes to the first one, in the order of the samples.

    A few results at a time are sent, so that a process needs the memory of these
    besides its own results. In the end it forgets what it has sent.

    Args:
        part: Results of this process, of every n-th sample.
        size: Number of samples; samplers give some of them twice to fill up.

    Returns:
        The results; None in all processes but the first.
    """
    if is_alone():
        return part[:size]
    if distributed.get_rank() > 0:
        for some in _portions(part):
            _send(bytearray(pickle.dumps(some)), 0)
        part.clear()
        _send(bytearray(), 0)
        return None
    parts = [part]
    for source in range(1, distributed.get_world_size()):
        parts.append([])
        while data := _receive(source):
            parts[-1] += pickle.loads(data)  # of a process of this very run
    every = chain.from_iterable(zip_longest(*parts, fillvalue=NOTHING))
    return [result for result in every if result is not NOTHING][:size]


def _portions(results: Sequence[Any], most: int = 32) -> Iterator[Sequence[Any]]:
    for start in range(0, len(results), most):
        yield results[start : start + most]


def from_first(value: Any) -> Any:
    """Return the value that the first process has, to all of them.

    Args:
        value: The value; it counts in the first process alone.
    """
    if is_alone():
        return value
    group = group_of_cpus()
    data = bytearray(pickle.dumps(value) if is_first() else b'')
    size = torch.tensor([len(data)])
    distributed.broadcast(size, 0, group)
    data = data or bytearray(int(size))
    for piece in _pieces_of(data):
        distributed.broadcast(piece, 0, group)
    return value if is_first() else pickle.loads(data)


def by_first(find: Callable[[], Any]) -> Any:
    """Return what the first process finds, to all of them.

    Args:
        find: Function that the first process calls.
    """
    return from_first(find() if is_first() else None)


def from_all(value: Any) -> list[Any]:
    """Return the values of all processes, to all of them; they are small."""
    if is_alone():
        return [value]
    values: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value, group_of_cpus())
    return values


@contextmanager
def results_by_the_group() -> Iterator[None]:
    """Gather results of evaluations inside the context by the group.

    The first process computes the figures of all results, for an hour where there are
    very many. The others wait as long as it lives.
    """
    broadcast = mmengine_metric.broadcast_object_list

    def when_computed(*args: Any, **options: Any) -> None:
        wait_for_first()
        broadcast(*args, **options)

    gather = mmengine_dist.collect_results_cpu
    mmengine_dist.collect_results_cpu = results_to_first
    mmengine_metric.broadcast_object_list = when_computed
    try:
        yield
    finally:
        mmengine_dist.collect_results_cpu = gather
        mmengine_metric.broadcast_object_list = broadcast
