"""Samples have equal random numbers, whoever loads them and wherever a run goes on."""

from __future__ import annotations

import copy
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT
from mmengine.dataset import DefaultSampler, InfiniteSampler
from torch.utils.data import BatchSampler, DataLoader, Dataset

from hrnet_mm.training.batches import (
    Batch,
    SeededBatches,
    apart,
    seed_of,
    seeded,
    whole_batch,
)


class Random(Dataset):
    """Ten samples: their index and random numbers of each generator."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return index, random.random(), np.random.rand(), torch.rand(()).item()


def loader(workers=0, endless=False, drop_last=False, seed=0):
    sampler = (InfiniteSampler if endless else DefaultSampler)(Random(), seed=5)
    made = DataLoader(
        Random(),
        batch_size=4,
        sampler=sampler,
        num_workers=workers,
        drop_last=drop_last,
        collate_fn=list,
    )
    return seeded(apart(made), seed)


def take(loaded, count):
    """The next batches, over the ends of epochs."""
    found, rounds = [], 0
    while len(found) < count:
        if hasattr(loaded.sampler, 'epoch'):
            loaded.sampler.set_epoch(rounds)
        for batch in loaded:
            found.append(batch)
            if len(found) == count:
                break
        rounds += 1
    return found


def test_workers_change_nothing():
    alone = take(loader(), 5)
    assert take(loader(workers=2), 5) == alone
    numbers = [sample[1:] for batch in alone for sample in batch]
    assert len(set(numbers)) == len(numbers)
    assert take(loader(seed=1), 5) != alone


@pytest.mark.parametrize('endless', [False, True])
@pytest.mark.parametrize('drop_last', [False, True])
@pytest.mark.parametrize('workers', [0, 2])
def test_skipped_batches_are_as_if_loaded(endless, drop_last, workers):
    expected = take(loader(0, endless, drop_last), 9)
    going_on = loader(workers, endless, drop_last)
    batches = going_on.batch_sampler
    batches.skip(4)
    rest = []
    while len(rest) < 5:
        rest += list(zip(range(5 - len(rest)), going_on, strict=False))
        batches.round += 1
        getattr(going_on.sampler, 'set_epoch', int)(batches.round)
    assert [batch for _, batch in rest] == expected[4:]


def test_the_training_process_keeps_its_random_numbers():
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    expected = [random.random(), np.random.rand(), torch.rand(()).item()]
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    take(loader(), 3)
    assert [random.random(), np.random.rand(), torch.rand(()).item()] == expected


def test_a_batch_can_be_sent_to_a_worker():
    batch = pickle.loads(pickle.dumps(Batch([3, 1], (0, 0, 7))))
    assert (list(batch), batch.key, len(batch)) == ([3, 1], (0, 0, 7), 2)


def test_attributes_of_the_inner_batches_are_there():
    inner = BatchSampler(DefaultSampler(Random()), 4, drop_last=False)
    batches = copy.deepcopy(SeededBatches(inner, 0))
    assert (batches.batch_size, len(batches)) == (4, 3)
    assert isinstance(batches.sampler, DefaultSampler)
    with pytest.raises(AttributeError, match='nothing'):
        _ = batches.nothing


def test_batches_that_wait_for_others_of_their_shape():
    """Like mmdet's of one aspect ratio: a sample may come later than its place."""

    class Paired(BatchSampler):
        def __iter__(self):
            waiting = {0: [], 1: []}
            for index in self.sampler:
                waiting[index % 2].append(index)
                if len(waiting[index % 2]) == 2:
                    yield waiting[index % 2]
                    waiting[index % 2] = []

    def made():
        inner = Paired(DefaultSampler(Random(), seed=1), 2, drop_last=False)
        return SeededBatches(inner, 0)

    going_on = made()
    going_on.skip(2)
    assert list(going_on) == list(made())[2:]


def test_seeds_differ():
    keys = [(a, b, c) for a in range(4) for b in range(4) for c in range(4)]
    assert len({seed_of(*key) for key in keys}) == len(keys)


def test_the_number_of_samples_in_a_batch():
    assert whole_batch(loader()) == 4
    own = BatchSampler(DefaultSampler(Random()), 3, drop_last=False)
    assert whole_batch(DataLoader(Random(), batch_sampler=own)) == 3


KILLED = """
import os, signal, sys, time
from pathlib import Path
from torch.utils.data import DataLoader, Dataset
from hrnet_mm.training.batches import apart

folder = Path(sys.argv[1])

class Endless(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        (folder / str(os.getpid())).touch()
        time.sleep(1000)

loading = iter(apart(DataLoader(Endless(), num_workers=2)))
while len(list(folder.iterdir())) < 2:
    time.sleep(0.05)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='other systems do not tell')
def test_workers_end_with_a_training_that_is_killed(tmp_path):
    command = [sys.executable, '-c', KILLED, str(tmp_path)]
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    training = subprocess.run(command, env=env, stderr=subprocess.DEVNULL)
    assert training.returncode == -signal.SIGKILL
    workers = [Path('/proc', path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 2
    end = time.monotonic() + 10
    while any(map(runs, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(runs, workers))


def runs(process):
    """Tell whether a process is there, and no mere entry of one that has ended."""
    try:
        return ') Z ' not in (process / 'stat').read_text()
    except OSError:
        return False
