"""A run that was stopped at any moment goes on as if it had not been."""

from __future__ import annotations

import json
import signal
from functools import partial
from pathlib import Path

import pytest
import torch
from mmengine.hooks import EMAHook, Hook
from processes_case import in_processes
from stopped_case import (
    EPOCHS,
    ITERATIONS,
    assert_equal_runs,
    runner_of,
    stopped,
    trained,
    weights,
)
from torch import distributed

from hrnet_mm import files
from hrnet_mm.errors import Terminated, UserError

BY_2 = {
    'default_hooks.checkpoint.by_epoch': False,
    'default_hooks.checkpoint.interval': 3,
}
BEST = {
    'default_hooks.checkpoint.save_best': 'auto',
    'default_hooks.checkpoint.max_keep_ckpts': 1,
}


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    """No power is lost here, and each wait takes as long as a training."""
    monkeypatch.setattr(files, '_flush', lambda path: None)


MOMENTS = [
    ('after_train_iter', 6),  # in the middle of an epoch
    ('after_train_iter', 12),  # the last of an epoch
    ('after_train_epoch', 2),  # before an evaluation
    ('before_val_epoch', 1),
    ('after_val_iter', 2),  # in the middle of one
    ('after_val', 1),
    ('before_save_checkpoint', 4),
    ('after_train', 1),
]


@pytest.mark.parametrize('loop', [EPOCHS, ITERATIONS], ids=['epochs', 'iterations'])
@pytest.mark.parametrize('changes', [{}, BY_2, BEST], ids=['', 'by 2', 'best'])
@pytest.mark.parametrize(('moment', 'number'), MOMENTS)
def test_it_ends_as_one_that_was_not_stopped(tmp_path, loop, changes, moment, number):
    if changes is BY_2 and loop is ITERATIONS:
        changes = {'default_hooks.checkpoint.interval': 3}
    if loop is ITERATIONS and 'train_epoch' in moment:
        number = 1
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, loop, **changes).train()
    stopped(other, moment, number, loop=loop, **changes)
    runner_of(other, loop, resume=True, **changes).train()
    assert_equal_runs(whole, other)


@pytest.mark.parametrize('sampler', ['DefaultSampler', 'InfiniteSampler'])
@pytest.mark.parametrize('workers', [0, 2])
def test_with_workers_and_endless_samplers(tmp_path, monkeypatch, sampler, workers):
    monkeypatch.setattr('mmengine.runner.loops.time.sleep', lambda seconds: None)
    changes = {
        'train_dataloader.num_workers': workers,
        'train_dataloader.persistent_workers': workers > 0,
        'default_hooks.checkpoint.interval': 3,
    }
    options = dict(loop=ITERATIONS, sampler=sampler, **changes)
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    trained(runner_of(whole, **options))
    for number in (4, 4, 2):  # again and again
        stopped(other, 'after_train_iter', number, **options, resume=other.exists())
    trained(runner_of(other, **options, resume=True))
    assert_equal_runs(whole, other)


def test_averaged_weights_and_added_gradients(tmp_path):
    changes = {
        'optim_wrapper.accumulative_counts': 4,
        'default_hooks.checkpoint.by_epoch': False,
        'default_hooks.checkpoint.interval': 3,
    }
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, hooks=(EMAHook(),), **changes).train()
    stopped(other, 'after_train_iter', 7, hooks=(EMAHook(),), **changes)
    runner_of(other, hooks=(EMAHook(),), resume=True, **changes).train()
    assert_equal_runs(whole, other)


def test_a_learning_rate_for_each_parameter(tmp_path):
    """In this case mmengine lists a group of its own beside the optimizer's."""
    rates = {'linear': dict(lr_mult=0.1), 'norm': dict(lr_mult=2)}
    changes = {'optim_wrapper.paramwise_cfg': dict(custom_keys=rates)}
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, **changes).train()
    stopped(other, 'after_train_iter', 6, **changes)
    runner_of(other, resume=True, **changes).train()
    assert_equal_runs(whole, other)


def test_the_seed_of_the_run_counts_on_resuming(tmp_path):
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole).train()
    stopped(other, 'after_train_iter', 6)
    changes = {'randomness.seed': None}
    runner_of(other, resume=True, **changes).train()
    assert_equal_runs(whole, other)


class SignalAt(Hook):
    """This hook sends a signal to its own process after a moment's n-th time."""

    def __init__(self, number, moment, time, twice=False):
        self.signal, self.time, self.twice = number, time, twice
        setattr(self, moment, self.send)

    def send(self, *_, **__):
        self.time -= 1
        if self.time == 0:
            for _ in range(1 + self.twice if self.signal else 0):
                signal.raise_signal(self.signal)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ('moment', 'time', 'saved', 'done'),
    [
        ('after_train_iter', 6, 'interrupted.pth', 6),
        ('after_val_iter', 2, 'epoch_2.pth', 8),
        ('after_val_epoch', 1, 'epoch_2.pth', 8),
    ],
)
def test_a_signal_saves_a_checkpoint(tmp_path, number, moment, time, saved, done):
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, hooks=(EMAHook(),)).train()
    before = signal.getsignal(number)
    hooks = (EMAHook(), SignalAt(number, moment, time))
    kind = Terminated if number == signal.SIGTERM else KeyboardInterrupt
    with pytest.raises(kind) as caught:
        runner_of(other, hooks=hooks).train()
    assert signal.getsignal(number) is before
    text = str(caught.value)
    assert f'stopped after iteration {done} of 16; saved {other}/{saved}\n' in text
    assert text.endswith(f'--work-dir {other} --resume')
    assert (other / 'last_checkpoint').read_text() == saved
    runner_of(other, hooks=(EMAHook(),), resume=True).train()
    assert_equal_runs(whole, other)


def test_a_signal_between_checkpoints_in_an_evaluation(tmp_path):
    """Averaged weights stand in for the model's own there."""
    changes = {'default_hooks.checkpoint.interval': 3}
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, hooks=(EMAHook(),), **changes).train()
    hooks = (EMAHook(), SignalAt(signal.SIGINT, 'after_val_iter', 3))
    with pytest.raises(KeyboardInterrupt, match=r'saved .*interrupted\.pth'):
        runner_of(other, hooks=hooks, **changes).train()
    runner_of(other, hooks=(EMAHook(),), resume=True, **changes).train()
    assert_equal_runs(whole, other)


def test_a_second_signal_stops_at_once(tmp_path):
    hooks = (SignalAt(signal.SIGINT, 'before_train_iter', 6, twice=True),)
    with pytest.raises(KeyboardInterrupt, match='^interrupted$'):
        runner_of(tmp_path / 'a', hooks=hooks).train()
    assert not (tmp_path / 'a/interrupted.pth').exists()


def test_a_complete_run_says_so(tmp_path):
    runner_of(tmp_path).train()
    before = weights(tmp_path)
    runner_of(tmp_path, resume=True).train()
    said = ''.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert f'the run in {tmp_path} is complete: 16 of 16 iterations' in said
    assert all(torch.equal(x, before[k]) for k, x in weights(tmp_path).items())


BY_1 = {'val_dataloader.batch_size': 1, 'val_dataloader.dataset.noise': False}


def train_together(work: str, loop: dict, averaged: bool, **changes) -> None:
    """Train in one of several processes, each in a folder of its own."""
    rank = distributed.get_rank()
    hooks = [EMAHook()] if averaged else []
    if 'signals' in changes:
        to, moment, time = changes.pop('signals')
        number = signal.SIGTERM if to in (rank, -1) else 0  # 0 is sent to nobody
        hooks.append(SignalAt(number, moment, time))
    folder = Path(work) / str(rank)
    trained(runner_of(folder, loop, tuple(hooks), launcher='pytorch', **changes))


@pytest.mark.slow
@pytest.mark.parametrize(
    ('loop', 'number', 'averaged'),
    [
        (EPOCHS, 2, False),
        (ITERATIONS, 3, True),
        pytest.param(ITERATIONS, 9, True, marks=pytest.mark.full),
    ],
)
def test_the_figure_is_the_checkpoints(tmp_path, loop, number, averaged):
    """With any number of processes, also more than there are pictures."""
    work = tmp_path / 'work'
    ends = in_processes(
        partial(train_together, **BY_1, **BEST),
        tmp_path,
        number,
        str(work),
        loop,
        averaged,
    )
    assert ends == [None] * number
    (log,) = (work / '0').glob('*/vis_data/scalars.json')
    lines = map(json.loads, log.read_text().splitlines())
    figures = [line['mIoU'] for line in lines if 'mIoU' in line]
    assert len(figures) == 2
    best = max(figures)
    (path,) = (work / '0').glob('best_*.pth')
    alone = runner_of(tmp_path / 'alone', loop, load_from=str(path), **BY_1)
    alone.load_or_resume()
    assert alone.val()['mIoU'] == best
    assert not list((work / '1').glob('*.pth'))


@pytest.mark.slow
@pytest.mark.parametrize(
    'signals',
    [
        (1, 'after_train_iter', 5),  # to one of them
        (-1, 'after_val_iter', 2),  # to all, as schedulers do
        pytest.param((-1, 'after_train_iter', 4), marks=pytest.mark.full),
        pytest.param((1, 'after_val_iter', 1), marks=pytest.mark.full),
    ],
)
def test_several_processes_stop_together_and_go_on(tmp_path, signals):
    train = partial(train_together, str(tmp_path / 'whole'), EPOCHS, True)
    meetings = [tmp_path / name for name in 'abc']
    for meeting in meetings:
        meeting.mkdir()
    assert in_processes(train, meetings[0]) == [None, None]
    other = partial(train_together, str(tmp_path / 'other'), EPOCHS, True)
    first, second = in_processes(partial(other, signals=signals), meetings[1])
    assert isinstance(first, Terminated)
    assert 'stopped after iteration' in str(first)
    assert second.code == 143
    assert in_processes(partial(other, resume=True), meetings[2]) == [None, None]
    assert_equal_runs(tmp_path / 'whole/0', tmp_path / 'other/0')


@pytest.mark.parametrize('random', [[{}], [None], [dict(python=1)]])
def test_a_damaged_state_is_one_message(tmp_path, random):
    stopped(tmp_path, 'after_train_iter', 6)
    path = tmp_path / 'epoch_1.pth'
    content = torch.load(path, weights_only=False)
    content['progress']['random'] = random
    torch.save(content, path)
    with pytest.raises(UserError, match=r'epoch_1\.pth: the state of the run'):
        runner_of(tmp_path, resume=True).train()
