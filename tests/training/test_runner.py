"""mmengine's runner on a CPU: resuming, checkpoints, several processes."""

import inspect
import logging
import subprocess
import sys

import numpy as np
import pytest
import runner_case
import torch
from conftest import ROOT
from mmengine.registry import DefaultScope
from runner_case import losses_of, regression
from stopped_case import runner_of

from hrnet_mm.config.opening import read_config
from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet
from hrnet_mm.training import Runner
from hrnet_mm.training.run_state import RunState
from hrnet_mm.training.runner import (
    MMEngineRunner,
    build_dataset,
    is_not_the_factor,
)

registered = runner_case.registered  # a fixture


@pytest.mark.usefixtures('registered')
def test_resumed_training_goes_on_where_it_was(tmp_path):
    whole = regression(tmp_path / 'whole', 4, epochs=2)
    whole.train()
    first = regression(tmp_path / 'first', 4, epochs=1)
    first.train()
    resumed = regression(tmp_path / 'resumed', 4, epochs=2)
    resumed._load_from = str(tmp_path / 'first/epoch_1.pth')
    resumed._resume = True
    resumed.train()
    assert losses_of(resumed) == losses_of(whole)


@pytest.mark.usefixtures('registered')
def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    torch.save(dict(state_dict=HRNet('w18').state_dict()), tmp_path / 'w18.pth')
    runner = regression(tmp_path / 'run', 4)
    runner._load_from = str(tmp_path / 'w18.pth')
    with pytest.raises(
        UserError,
        match=r'w18.pth \(hrnet_w18\) does not fit Regressor .*: 81/428 tensors',
    ):
        runner.train()


DISTRIBUTED = """
import sys
sys.path.insert(0, {tests!r})
import pathlib, torch
from mmengine.dist import all_reduce
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)  # so that rounding is told from error
import runner_case as t
t.DATASETS.register_module(name='Points', module=t.Points)
t.MODELS.register_module(name='Regressor', module=t.Regressor)
launcher, norm, folder = sys.argv[1:4]
runner_of = t.Runner.from_cfg
def from_cfg(cfg):
    cfg.launcher = launcher
    return runner_of(cfg)
t.Runner.from_cfg = from_cfg
norm_eval = norm == 'BN'
size = 2 if launcher == 'pytorch' else 4
runner = t.regression(pathlib.Path(folder), size, norm=norm, norm_eval=norm_eval)
runner.train()
losses = torch.tensor(t.losses_of(runner))
all_reduce(losses, 'mean')
if runner.rank == 0:
    weights = runner.model.state_dict()
    weights = {{k.removeprefix('module.'): v for k, v in weights.items()}}
    torch.save(dict(losses=losses, weights=weights), folder + '/result.pth')
"""


def run_distributed(tmp_path, launcher, norm):
    script = tmp_path / 'script.py'
    script.write_text(DISTRIBUTED.format(tests=str(ROOT / 'tests')))
    folder = tmp_path / f'{launcher}_{norm}'
    folder.mkdir()
    starter = [sys.executable]
    if launcher == 'pytorch':
        port = str(29500 + np.random.default_rng().integers(5000))
        starter += ['-m', 'torch.distributed.run', '--nproc_per_node=2']
        starter += ['--master_port', port]
    run = subprocess.run(
        [*starter, str(script), launcher, norm, str(folder)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return torch.load(folder / 'result.pth', weights_only=True), run.stdout + run.stderr


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path):
    one, _ = run_distributed(tmp_path, 'none', 'BN')
    two, _ = run_distributed(tmp_path, 'pytorch', 'BN')
    assert len(one['losses']) == len(two['losses']) == 4
    torch.testing.assert_close(one['losses'], two['losses'], rtol=1e-9, atol=0)
    for name, weight in one['weights'].items():
        torch.testing.assert_close(two['weights'][name], weight, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_sync_bn_falls_back_on_a_cpu_and_says_so(tmp_path):
    result, output = run_distributed(tmp_path, 'pytorch', 'SyncBN')
    assert 'SyncBN works on accelerators only' in output
    assert all(np.isfinite(result['losses']))


@pytest.mark.usefixtures('registered')
def test_weights_alone_are_no_training_to_resume(tmp_path):
    runner = regression(tmp_path / 'run', 4)
    torch.save(dict(state_dict=runner.model.state_dict()), tmp_path / 'weights.pth')
    runner._load_from, runner._resume = str(tmp_path / 'weights.pth'), True
    with pytest.raises(UserError, match='weights.pth holds weights, but not'):
        runner.train()


def test_a_batch_of_one_picture(monkeypatch):
    def train(runner):
        torch.nn.BatchNorm2d(2)(torch.ones(1, 2, 1, 1))

    monkeypatch.setattr(MMEngineRunner, 'train', train)
    runner = Runner.__new__(Runner)
    runner.state = RunState(runner, None)
    with pytest.raises(UserError, match='Write  train_dataloader.drop_last=True'):
        runner.train()


def test_the_learning_rate_is_logged_once():
    theirs = 'LR is set based on batch size'
    assert theirs in inspect.getsource(MMEngineRunner.scale_lr)
    lines = [f'{theirs} of 16 and the current batch size is 2.', 'learning rate 0.02']
    records = [logging.makeLogRecord(dict(msg=line)) for line in lines]
    assert [is_not_the_factor(record) for record in records] == [False, True]


@pytest.mark.parametrize(('added', 'rate'), [(1, 0.25), (4, 1.0)])
def test_gradients_that_are_added_up_count_in_the_learning_rate(tmp_path, added, rate):
    """A step of four batches of 2 is a step of one batch of 8."""
    changes = {
        'auto_scale_lr': dict(enable=True, base_batch_size=8),
        'optim_wrapper.accumulative_counts': added,
        'optim_wrapper.optimizer.lr': 1.0,
        'param_scheduler': None,
        'train_cfg.max_epochs': 1,
    }
    runner = runner_of(tmp_path, **changes)
    runner.train()
    assert runner.optim_wrapper.param_groups[0]['lr'] == rate
    said = ''.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert ('learning rate 1 for a batch of 8 -> 0.25 for this batch' in said) == (
        added == 1
    )


@pytest.mark.usefixtures('registered')
def test_no_workers_need_no_options_of_workers():
    loader = dict(
        dataset=dict(type='Points'),
        sampler=dict(type='DefaultSampler', shuffle=False),
        batch_size=2,
        num_workers=0,
        persistent_workers=True,
        prefetch_factor=4,
    )
    built = Runner.build_dataloader(loader)
    assert len(built) == 4
    assert not built.persistent_workers
    assert loader['persistent_workers'] is True


def test_classes_of_the_validation_are_checked_before_training(tmp_path):
    pytest.importorskip('mmdet')
    make_shapes(tmp_path / 'data', train=2, val=2, size=(96, 128))
    options = {
        'data_root': f'{tmp_path}/data/',
        'work_dir': str(tmp_path / 'work'),
        'val_dataloader.dataset.metainfo.classes': ['person', 'kite'],
        'experiment_name': 'val_classes',
    }
    cfg = read_config(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py', options)
    with pytest.raises(UserError, match='num_classes is 6, but the val data has 2'):
        Runner.from_cfg(cfg).train()
    assert not list((tmp_path / 'work').rglob('*.pth'))


def test_an_empty_data_set_inside_of_a_wrapper(tmp_path):
    pytest.importorskip('mmdet')
    make_shapes(tmp_path / 'data', train=2, val=2, size=(96, 128))
    options = {'data_root': f'{tmp_path}/data/'}
    cfg = read_config(ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py', options)
    inner = dict(cfg.train_dataloader.dataset, metainfo=dict(classes=('gnu',)))
    with DefaultScope.overwrite_default_scope('mmdet'):
        for wrapped in (
            dict(type='RepeatDataset', times=2, dataset=inner),
            dict(type='ConcatDataset', datasets=[inner]),
            dict(type='ClassBalancedDataset', oversample_thr=0.1, dataset=inner),
        ):
            with pytest.raises(UserError, match='no category of .* is among'):
                build_dataset(wrapped)
