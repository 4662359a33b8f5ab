"""The checkpoint that a run goes on from is the last whole one of its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from stopped_case import runner_of

from hrnet_mm.errors import UserError
from hrnet_mm.training.resuming import (
    Start,
    changes,
    check_optimizer,
    find_start,
    options_of,
    remove_run,
    state_in,
)


@pytest.fixture(scope='module')
def run(tmp_path_factory) -> Path:
    """A run of four epochs."""
    folder = tmp_path_factory.mktemp('run')
    runner_of(folder / 'work').train()
    return folder / 'work'


@pytest.fixture
def work(run, tmp_path) -> Path:
    """A copy of the run."""
    return Path(shutil.copytree(run, tmp_path / 'work'))


def chosen(work) -> str:
    """The name of the file that a run goes on from."""
    start = find_start(work)
    assert start is not None
    return Path(start.name).name


@pytest.mark.parametrize('size', [0, 1, 100, 4096, -5000, -100, -1])
def test_a_cut_last_checkpoint(work, size):
    path = work / 'epoch_4.pth'
    content = path.read_bytes()
    path.write_bytes(content[:size])
    start = find_start(work)
    assert start is not None
    assert start.name == str(work / 'epoch_3.pth')
    assert len(start.passed) == 1
    assert start.passed[0].startswith(f'{path} is not a checkpoint that can be loaded')


def test_zeros_as_after_a_loss_of_power(work):
    path = work / 'epoch_4.pth'
    path.write_bytes(bytes(path.stat().st_size))
    assert chosen(work) == 'epoch_3.pth'
    (work / 'epoch_3.pth').write_bytes(bytes(1000))
    assert chosen(work) == 'epoch_2.pth'


@pytest.mark.parametrize(
    'content', [b'', b'epoch_4', b'epoch_9.pth', bytes(20), b'\xff', b'a' * 9999, b'.']
)
def test_a_damaged_file_that_names_the_last(work, content):
    (work / 'last_checkpoint').write_bytes(content)
    assert chosen(work) == 'epoch_4.pth'


def test_no_file_that_names_the_last(work):
    (work / 'last_checkpoint').unlink()
    assert chosen(work) == 'epoch_4.pth'


@pytest.mark.parametrize('name', ['epoch_2.pth', '/elsewhere/work/epoch_2.pth'])
def test_the_file_that_is_named_counts(work, name):
    """Older versions wrote it with a path, which leads elsewhere by now."""
    (work / 'last_checkpoint').write_text(name)
    assert chosen(work) == 'epoch_2.pth'


def test_numbers_are_compared_as_numbers(work):
    (work / 'last_checkpoint').unlink()
    (work / 'epoch_4.pth').rename(work / 'epoch_10.pth')
    assert chosen(work) == 'epoch_10.pth'


def test_an_empty_folder_has_no_start(tmp_path):
    assert find_start(tmp_path) is None


def test_no_checkpoint_is_whole(work):
    for path in work.glob('*.pth'):
        path.write_bytes(b'')
    with pytest.raises(UserError) as caught:
        find_start(work)
    text = str(caught.value)
    assert text.startswith(f'no checkpoint of {work} can be gone on from:')
    assert text.count('is empty') == 4
    assert text.endswith('Start anew with --overwrite, or in another --work-dir')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(message_hub=5), 'holds weights, but not the state of a training'),
        (dict(meta=dict(epoch=-1, iter=0)), 'holds weights, but not the state'),
        (dict(meta=dict(epoch=True, iter=0)), 'holds weights, but not the state'),
        (dict(meta=[]), 'holds weights, but not the state'),
        (dict(optimizer=None), 'has no state of the optimizer'),
    ],
)
def test_a_checkpoint_without_the_state_of_a_training(work, change, message):
    path = work / 'epoch_4.pth'
    torch.save({**torch.load(path, weights_only=False), **change}, path)
    with pytest.raises(UserError, match=message):
        state_in(path)


@pytest.mark.parametrize('progress', [5, {}, dict(batches='x'), []])
def test_a_progress_of_another_form(progress):
    with pytest.raises(UserError, match="a.pth: 'progress' has another form"):
        _ = Start('a.pth', dict(progress=progress)).progress


def optimizer():
    layer = torch.nn.Linear(2, 3)
    layer(torch.ones(1, 2)).sum().backward()
    made = torch.optim.AdamW(layer.parameters())
    made.step()
    return made


def with_state(change) -> dict:
    state = optimizer().state_dict()
    change(state)
    return state


@pytest.mark.parametrize(
    'change',
    [
        lambda s: s['state'][0].update(exp_avg=torch.zeros(3)),
        lambda s: s['state'][1].update(exp_avg_sq=torch.zeros(3, 1)),
        lambda s: s['state'].update({7: dict(exp_avg=torch.zeros(3))}),
        lambda s: s['state'].update({0: 5}),
        lambda s: s.update(state=None),
        lambda s: s['param_groups'].append(dict(params=[])),
        lambda s: s['param_groups'][0].update(params=[0]),
        lambda s: s['param_groups'][0].update(params=[0, [1]]),
        lambda s: s.clear(),
    ],
)
def test_the_state_of_another_optimizer(change):
    with pytest.raises(UserError, match=r'a\.pth: the state of the optimizer is'):
        check_optimizer(with_state(change), optimizer(), 'a.pth')


def test_the_state_of_this_optimizer():
    check_optimizer(optimizer().state_dict(), optimizer(), 'a.pth')


def test_an_optimizer_with_nan():
    state = with_state(lambda s: s['state'][0]['exp_avg'].fill_(float('nan')))
    with pytest.raises(UserError, match='NaN or infinite: exp_avg of parameter 0'):
        check_optimizer(state, optimizer(), 'a.pth')


def test_which_options_count():
    old = dict(
        model=dict(type='A', depth=3),
        train_dataloader=dict(batch_size=2),
        optim_wrapper=dict(optimizer=dict(lr=0.1)),
        pipeline=[dict(type='Load'), dict(type='Flip', prob=0.5)],
        work_dir='a',
        randomness=dict(seed=0),
    )
    new = dict(
        old,
        train_dataloader=dict(batch_size=4),
        optim_wrapper=dict(optimizer=dict(lr=0.2)),
        pipeline=[dict(type='Load'), dict(type='Flip', prob=0.7)],
        work_dir='b',
        randomness=dict(seed=1),
    )
    lines = changes(options_of(old), options_of(new))
    assert lines[1:3] == (
        '  pipeline.1.prob: 0.5 -> 0.7',
        '  train_dataloader.batch_size: 2 -> 4',
    )
    assert 'do NOT count' in lines[3]
    assert lines[4:] == (
        '  optim_wrapper.optimizer.lr: 0.2 (it stays 0.1)',
        '  randomness.seed: 1 (it stays 0)',
    )
    assert changes(options_of(old), options_of({**old, 'work_dir': 'c'})) == ()


def test_only_a_run_is_removed(work, tmp_path):
    outside = tmp_path / 'outside.pth'
    outside.touch()
    (work / 'epoch_7.pth').symlink_to(outside)
    (work / 'mine.pth').touch()
    remove_run(work)
    assert [path.name for path in work.glob('*.pth')] == ['mine.pth']
    assert not (work / 'last_checkpoint').exists()
    assert outside.is_file()
