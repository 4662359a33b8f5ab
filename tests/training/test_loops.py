"""The loops know where an evaluation is due, and begin where they are told."""

from __future__ import annotations

import pytest
from mmengine.hooks import Hook
from stopped_case import EPOCHS, ITERATIONS, runner_of

from hrnet_mm.training.loops import ByEpoch, ByIteration


class Steps(Hook):
    """This hook notes the number of each batch in its epoch."""

    def __init__(self):
        self.seen = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append((runner.epoch, batch_idx))


def loop_of(tmp_path, kind):
    runner = runner_of(tmp_path, kind)
    return runner.train_loop


@pytest.mark.parametrize(
    ('epoch', 'done', 'due'),
    [(0, 0, False), (1, 0, False), (2, 0, True), (2, 1, False), (3, 0, False),
     (4, 0, True)],
)  # fmt: skip
def test_an_evaluation_is_due_after_epochs(tmp_path, epoch, done, due):
    loop = loop_of(tmp_path, EPOCHS)
    assert type(loop) is ByEpoch
    loop._epoch, loop.done = epoch, done
    assert loop.validation_is_due() is due


@pytest.mark.parametrize(
    ('iteration', 'due'), [(0, False), (7, False), (8, True), (16, True)]
)
def test_an_evaluation_is_due_after_iterations(tmp_path, iteration, due):
    loop = loop_of(tmp_path, ITERATIONS)
    assert type(loop) is ByIteration
    loop._iter = iteration
    assert loop.validation_is_due() is due


def test_an_epoch_begins_where_it_was_left(tmp_path):
    steps = Steps()
    runner = runner_of(tmp_path, hooks=(steps,))
    loop = runner.train_loop
    loop._epoch, loop._iter, loop.done = 2, 11, 3
    runner.train()
    assert steps.seen == [(2, 3), (3, 0), (3, 1), (3, 2), (3, 3)]


def test_the_middle_milestones_of_evaluations(tmp_path):
    runner = runner_of(tmp_path, dict(EPOCHS, dynamic_intervals=[(3, 1)]))
    loop = runner.train_loop
    loop._epoch = 3
    assert loop.validation_is_due()
