"""Figures of a training in several processes are those of its checkpoint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import class_folders_case
import pytest
from class_folders_case import on_folders
from command import run
from conftest import ROOT
from mmengine.config import Config
from mmengine.hooks import Hook
from processes_case import in_processes

from hrnet_mm.config.opening import read_config
from hrnet_mm.training import Runner

folders = class_folders_case.folders  # a fixture
DEMOS = {
    'demo_fcn_hrnetv2': ('cityscapes', '128x256'),
    'demo_faster_rcnn_hrnetv2p': ('coco', '128x128'),
    'demo_mask_rcnn_hrnetv2p': ('coco', '128x128'),
    'demo_topdown_hrnet': ('coco-pose', '160x160'),
}
RUN: dict[str, Any] = {
    'train_cfg.max_epochs': 2,
    'train_cfg.val_interval': 1,
    'train_dataloader.batch_size': 2,
    'train_dataloader.num_workers': 0,
    'val_dataloader.num_workers': 0,
    'val_dataloader.batch_size': 1,
    'test_dataloader.batch_size': 1,
    'test_dataloader.num_workers': 0,
    'default_hooks.checkpoint.interval': 1,
    'optim_wrapper.optimizer.lr': 1e-3,
    'randomness.seed': 0,
}


class LastFigures(Hook):
    """This hook keeps what the last evaluation has found."""

    figures: dict | None = None

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        self.figures = metrics


def training(config: Path) -> dict | None:
    """Train in one of several processes, and return the last figures."""
    cfg = Config.fromfile(config)
    os.environ['LOCAL_RANK'] = '0'
    cfg.work_dir += os.environ.get('RANK', '')
    runner, kept = Runner.from_cfg(cfg), LastFigures()
    runner.register_hook(kept)
    runner.train()
    return kept.figures


def evaluating(config: Path, checkpoint: Path) -> dict:
    """Evaluate a checkpoint in one of several processes."""
    cfg = Config.fromfile(config)
    cfg.load_from = str(checkpoint)
    cfg.work_dir += '_test'
    return Runner.from_cfg(cfg).test()


def assert_one_figure(cfg: Config, tmp_path: Path) -> None:
    """Train in two processes, and evaluate the checkpoint in one and in three."""
    cfg.launcher, cfg.work_dir = 'pytorch', str(tmp_path / 'work')
    cfg.pop('custom_hooks', None)  # no averaged weights where it has some
    cfg.custom_hooks = [dict(type='EMAHook', momentum=0.1)]
    config = tmp_path / 'config.py'
    cfg.dump(config)
    meetings = [tmp_path / name for name in 'abc']
    for meeting in meetings:
        meeting.mkdir()
    first, second = in_processes(training, meetings[0], 2, config)
    assert isinstance(first, dict)
    assert first == second
    assert any(value > 0 for value in first.values()), first
    checkpoint = tmp_path / 'work/epoch_2.pth'
    for number, meeting in zip((1, 3), meetings[1:], strict=True):
        ends = in_processes(evaluating, meeting, number, config, checkpoint)
        assert ends == [first] * number


@pytest.mark.slow
@pytest.mark.parametrize(
    'name',
    [
        'demo_fcn_hrnetv2',
        *(pytest.param(name, marks=pytest.mark.full) for name in list(DEMOS)[1:]),
    ],
)
def test_of_each_task(tmp_path, name):
    layout, size = DEMOS[name]
    pytest.importorskip(
        'mmseg' if 'fcn' in name else 'mmpose' if 'top' in name else 'mmdet'
    )
    words = ('--layout', layout, '--size', size, '--train', '9', '--val', '4')
    run('tools/make_shapes.py', tmp_path / 'data', *words)
    options = dict(RUN, data_root=f'{tmp_path}/data/')
    if 'top' in name:  # AP is 0 for a long time
        near = dict(_delete_=True, type='PCKAccuracy', thr=0.5)
        options.update(val_evaluator=near, test_evaluator=dict(near))
    assert_one_figure(read_config(str(ROOT / f'configs/{name}.py'), options), tmp_path)


@pytest.mark.full
@pytest.mark.slow
def test_of_classification(folders, tmp_path):
    options = {**RUN, 'optim_wrapper.optimizer.lr': 0.05}
    del options['val_dataloader.num_workers'], options['test_dataloader.num_workers']
    assert_one_figure(on_folders(folders, tmp_path / 'work', **options), tmp_path)
