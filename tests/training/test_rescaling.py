"""A run that goes on with another batch keeps its place in the schedule."""

from __future__ import annotations

import pytest
from stopped_case import runner_of, stopped

SCALING = {'auto_scale_lr': dict(enable=True, base_batch_size=2)}


def rates(work, **changes) -> list[float]:
    """The learning rates of each iteration of a run that goes on."""
    runner = runner_of(work, resume=True, **changes)
    runner.train()
    buffer = runner.message_hub.log_scalars['train/lr']
    return buffer.data[0].tolist()


@pytest.mark.parametrize('scaled', [True, False])
def test_twice_the_samples_in_a_batch(tmp_path, scaled):
    """Four epochs of 4 batches, of which one is trained; three of 2 batches follow."""
    options = SCALING if scaled else {}
    runner = runner_of(tmp_path / 'whole', **options)
    runner.train()
    whole = runner.message_hub.log_scalars['train/lr'].data[0].tolist()
    stopped(tmp_path / 'a', 'after_train_iter', 5, **options)
    found = rates(tmp_path / 'a', **options, **{'train_dataloader.batch_size': 4})[4:]
    assert len(found) == 6
    factor = 2 if scaled else 1
    expected = [rate * factor for rate in whole[4::2]]
    # The cosine goes on in steps of twice the size.
    assert found == pytest.approx(expected, rel=0.1, abs=2e-4)
    said = ''.join(path.read_text() for path in (tmp_path / 'a').glob('*/*.log'))
    assert 'had batches of 2, now they have 4: the learning rate goes on with' in said


def test_the_rate_that_is_said_is_the_rate_that_is_used(tmp_path):
    stopped(tmp_path, 'after_train_iter', 5, **SCALING)
    runner = runner_of(tmp_path, resume=True, **SCALING)
    runner.train()
    said = (tmp_path / runner.timestamp / f'{runner.timestamp}.log').read_text()
    assert 'learning rate' not in said.rpartition('going on from')[0]
