"""No moment of a kill loses a checkpoint, and no path in one leads anywhere."""

from __future__ import annotations

import errno
import os

import pytest
import torch
from stopped_case import EPOCHS, assert_equal_runs, runner_of, stopped

from hrnet_mm import files
from hrnet_mm.errors import UserError
from hrnet_mm.training import checkpoints
from hrnet_mm.training.checkpoints import main_figure

BEST = {
    'default_hooks.checkpoint.save_best': 'auto',
    'default_hooks.checkpoint.max_keep_ckpts': 1,
}
EACH = dict(EPOCHS, val_interval=1)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    """No power is lost here, and each wait takes as long as a training."""
    monkeypatch.setattr(files, '_flush', lambda path: None)


@pytest.mark.parametrize('replaced', [True, False], ids=['after', 'before'])
@pytest.mark.parametrize('number', range(1, 14))
def test_whole_checkpoints_are_there_at_any_time(
    tmp_path, monkeypatch, number, replaced
):
    """The process ends before or after the n-th file gets its name."""
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, EACH, **BEST).train()
    left = [number]

    def replace(part, path):
        left[0] -= 1
        if replaced or left[0]:
            renamed(part, path)
        if left[0] == 0:
            raise RuntimeError('killed')

    renamed = os.replace
    monkeypatch.setattr(files.os, 'replace', replace)
    with pytest.raises(RuntimeError, match='killed'):
        runner_of(other, EACH, **BEST).train()
    monkeypatch.undo()
    monkeypatch.setattr(files, '_flush', lambda path: None)
    there = any(path.suffix == '.pth' for path in other.glob('epoch_*'))
    assert there or (number == 1 and not replaced)
    runner_of(other, EACH, resume=True, **BEST).train()
    assert_equal_runs(whole, other)


def test_the_last_checkpoint_is_named_without_its_folder(tmp_path):
    runner_of(tmp_path / 'a').train()
    assert (tmp_path / 'a/last_checkpoint').read_text() == 'epoch_4.pth'


def test_a_moved_folder_goes_on_in_itself(tmp_path):
    whole, first, moved = (tmp_path / name for name in ('whole', 'first', 'moved'))
    runner_of(whole, EACH, **BEST).train()
    stopped(first, 'after_train_iter', 10, loop=EACH, **BEST)
    first.rename(moved)
    runner_of(moved, EACH, resume=True, **BEST).train()
    assert not first.exists()
    assert_equal_runs(whole, moved)


def test_no_path_in_a_checkpoint_is_removed(tmp_path):
    outside, work = tmp_path / 'outside', tmp_path / 'work'
    outside.mkdir()
    (outside / 'precious.pth').touch()
    stopped(work, 'after_train_iter', 6, loop=EACH, **BEST)
    path = work / 'epoch_1.pth'
    content = torch.load(path, weights_only=False)
    for best in (str(outside), str(outside / 'precious.pth'), '../outside'):
        info = content['message_hub']['runtime_info']
        info.update(best_score=-1e9, best_ckpt=best, keep_ckpt_ids=['../outside/x', 1])
        info['replaced_ckpts'] = ['../outside/precious.pth', 'notes.txt', 5, best]
        torch.save(content, path)
        (work / 'notes.txt').touch()
        runner_of(work, EACH, resume=True, load_from=str(path), **BEST).train()
        assert (outside / 'precious.pth').is_file()
        assert (work / 'notes.txt').is_file()


def test_what_a_killed_process_was_writing_is_removed(tmp_path):
    stopped(tmp_path, 'after_train_iter', 6)
    part = files.underway(tmp_path / 'epoch_2.pth')
    part.touch()
    runner_of(tmp_path, resume=True).train()
    assert not part.exists()


def test_a_full_disk_is_one_message_and_keeps_what_was_there(tmp_path, monkeypatch):
    def save(*_, **__):
        raise OSError(errno.ENOSPC, 'No space left on device')

    stopped(tmp_path, 'after_train_iter', 6)
    monkeypatch.setattr('mmengine.runner.runner.save_checkpoint', save)
    with pytest.raises(UserError, match=r'epoch_2\.pth could not be written: the disk'):
        runner_of(tmp_path, resume=True).train()
    assert sorted(path.name for path in tmp_path.glob('*.pth')) == ['epoch_1.pth']
    assert (tmp_path / 'last_checkpoint').read_text() == 'epoch_1.pth'
    assert not list(tmp_path.glob(files.UNDERWAY))


def test_a_figure_that_is_not_there(tmp_path):
    changes = {'default_hooks.checkpoint.save_best': 'mAP'}
    with pytest.raises(UserError, match='save_best=mAP: the evaluation has no such'):
        runner_of(tmp_path, **changes).train()


@pytest.mark.parametrize(
    ('metrics', 'expected'),
    [
        ({'coco/bbox_mAP_50': 1, 'coco/bbox_mAP': 1}, ('coco/bbox_mAP', 'greater')),
        ({'aAcc': 1, 'mIoU': 1, 'mAcc': 1}, ('mIoU', 'greater')),
        ({'coco/AP': 1, 'coco/AP .5': 1}, ('coco/AP', 'greater')),
        ({'accuracy/top5': 1, 'accuracy/top1': 1}, ('accuracy/top1', 'greater')),
        ({'NME': 1}, ('NME', 'less')),
        ({'PCK': 1, 'AUC': 1}, ('PCK', 'greater')),
    ],
)
def test_the_main_figure(metrics, expected):
    assert main_figure(metrics) == expected


def test_no_main_figure():
    with pytest.raises(UserError, match='what is best.* There are speed'):
        main_figure({'speed': 1})


class Patient(checkpoints.EarlyStoppingHook):
    """It stops after two evaluations that are no better."""

    def __init__(self):
        super().__init__(patience=2, min_delta=100)


@pytest.mark.parametrize('number', [6, 10])
def test_early_stopping_goes_on_waiting(tmp_path, number):
    loop = dict(EACH, max_epochs=6)
    whole, other = tmp_path / 'whole', tmp_path / 'other'
    runner_of(whole, loop, hooks=(Patient(),)).train()
    assert (whole / 'last_checkpoint').read_text() == 'epoch_3.pth'
    stopped(other, 'after_train_iter', number, loop=loop, hooks=(Patient(),))
    runner_of(other, loop, hooks=(Patient(),), resume=True).train()
    assert_equal_runs(whole, other)
    runner_of(other, loop, hooks=(Patient(),), resume=True).train()
    assert_equal_runs(whole, other)


@pytest.mark.parametrize('odd', ['x', None, [], {}])
def test_facts_of_another_form_are_forgotten(tmp_path, odd):
    options = dict(loop=EACH, **BEST)
    stopped(tmp_path, 'after_train_iter', 6, hooks=(Patient(),), **options)
    path = tmp_path / 'epoch_1.pth'
    content = torch.load(path, weights_only=False)
    facts = content['message_hub']['runtime_info']
    facts.update(best_score=odd, keep_ckpt_ids=odd, replaced_ckpts=odd, best_ckpt=odd)
    waits = dict(wait_count=odd, best_score=odd, stopped=odd)
    content['early_stopping'] = waits
    torch.save(content, path)
    patient = Patient()
    runner_of(tmp_path, hooks=(patient,), resume=True, **options).train()
    assert isinstance(patient.wait_count, int)
    assert (tmp_path / 'last_checkpoint').read_text().startswith('epoch_')
