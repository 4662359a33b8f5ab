"""The random numbers of a sample depend on its place in the training alone.

A worker of a data loader goes on with its random numbers from sample to sample. So an
augmentation depends on the number of workers and on everything that this worker has
prepared, and a run that was killed cannot go on with equal numbers. Here each sample
has its own seed, made of the run's seed and the place of the sample. A run goes on at
any batch without loading the ones before it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sized
from functools import partial
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank, get_world_size
from torch import multiprocessing
from torch.utils.data import DataLoader

from .random_state import random_state_kept, seed_all


class Batch(list):
    """A `Batch` lists the indices of samples, and seeds before it gives each of them.

    The loader asks for an index where it loads the sample: in a worker, or in the
    training process, whose random numbers are as before after the last sample.

    Args:
        indices: Indices of the samples.
        key: Numbers that make the seeds, one place in the training each.
    """

    def __init__(self, indices: Iterable[Any], key: tuple[int, ...]) -> None:
        super().__init__(indices)
        self.key = key

    def __iter__(self) -> Iterator[Any]:
        with random_state_kept():
            for place, index in enumerate(super().__iter__()):
                seed_all(seed_of(*self.key, place))
                yield index

    def __reduce__(self) -> Any:
        return Batch, (self[:], self.key)


def seed_of(*key: int) -> int:
    """Return a seed below 2 ** 32 that differs from those of similar keys."""
    return int(np.random.SeedSequence(key).generate_state(1)[0])


class SeededBatches:
    """These batches of another batch sampler are numbered and have seeds.

    Args:
        batches: Batch sampler. Its other attributes, such as `sampler`, are here, too.
        seed: Seed of the run.

    Attributes:
        number: Number of batches that have been given or skipped.
        round: Number of times that all batches have been skipped.
    """

    def __init__(self, batches: Any, seed: int) -> None:
        self.batches, self.seed = batches, seed
        self.number = self.round = 0
        self._underway: Iterator[Any] | None = None

    def __len__(self) -> int:
        sized: Sized = self.batches
        return len(sized)

    def __getattr__(self, name: str) -> Any:
        if name == 'batches':  # not there yet, while this is being copied
            raise AttributeError(name)
        return getattr(self.batches, name)

    def __iter__(self) -> Iterator[Batch]:
        # What is underway may hold samples that wait for others of their shape.
        underway, self._underway = self._underway or iter(self.batches), None
        for indices in underway:
            self.number += 1
            yield Batch(indices, (self.seed, get_rank(), self.number))

    def skip(self, count: int) -> None:
        """Leave out the next batches without loading them, over ends of epochs, too."""
        self._underway = iter(self.batches)
        for _ in range(count):
            if next(self._underway, None) is None:
                self.round += 1
                getattr(self.sampler, 'set_epoch', int)(self.round)
                self._underway = iter(self.batches)
                next(self._underway)
        self.number += count


def seeded(loader: DataLoader, seed: int) -> DataLoader:
    """Give a data loader `SeededBatches`, and workers that leave signals to training.

    Args:
        loader: Data loader, changed in place.
        seed: Seed of the run.
    """
    if loader.batch_sampler is not None:
        # A data loader refuses this attribute later, so that no iterator is confused.
        batches = SeededBatches(loader.batch_sampler, seed)
        object.__setattr__(loader, 'batch_sampler', batches)
    loader.worker_init_fn = partial(start_worker, loader.worker_init_fn)
    return loader


def whole_batch(loader: DataLoader) -> int:
    """Return the number of samples in a batch, of all processes together."""
    inner: Any = (
        loader.batch_sampler
    )  # an own one has the number in place of the loader
    return (loader.batch_size or getattr(inner, 'batch_size', 1)) * get_world_size()


def apart(loader: DataLoader) -> DataLoader:
    """Give a data loader its own random numbers, and workers that end with training.

    Each start of an iteration draws a number, which would change those of the training.
    """
    if loader.generator is None:
        loader.generator = torch.Generator()
    loader.worker_init_fn = partial(end_with_parent, loader.worker_init_fn)
    return loader


def end_with_parent(then: Callable[[int], Any] | None, number: int) -> None:
    """Let Linux end this worker when the training has been killed.

    torch's workers look for their parent between two batches alone: one that waits for
    a lock of a process that is gone would stay for ever, with its memory.

    Args:
        then: What the data loader does besides in a new worker.
        number: Number of the worker.
    """
    end_with: Any = multiprocessing  # which gets this function as it is imported
    end_with._prctl_pr_set_pdeathsig(signal.SIGKILL)
    if then is not None:
        then(number)


def start_worker(then: Callable[[int], Any] | None, number: int) -> None:
    """Prepare a worker that Ctrl-C does not end, since training saves a checkpoint.

    Args:
        then: What the data loader does besides in a new worker.
        number: Number of the worker.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if then is not None:
        then(number)
