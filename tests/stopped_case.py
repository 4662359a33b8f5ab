"""Small trainings that stop at any step, and go on."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, METRICS, MODELS
from torch import nn
from torch.utils.data import Dataset

from hrnet_mm.training import Runner
from hrnet_mm.weights.reading import read_checkpoint


@DATASETS.register_module(force=True)
class NoisyPoints(Dataset):
    """Eight samples, each with noise from every generator if wanted."""

    metainfo = dict(classes=('a',))  # noqa: RUF012

    def __init__(self, noise: bool = True) -> None:
        self.noise = noise

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> tuple[torch.Tensor, float]:
        noise = random.random() + np.random.rand() + torch.rand(()).item()
        return torch.full((3,), index + noise * self.noise), float(index)


@MODELS.register_module(force=True)
class Dropping(BaseModel):
    """A linear layer with BatchNorm behind dropout, whose loss can become NaN."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(3, 4), nn.BatchNorm1d(4)

    def forward(self, image: Any, target: Any, mode: str = 'tensor') -> Any:
        dropped = nn.functional.dropout(torch.stack(list(image)), 0.5, self.training)
        value = self.norm(self.linear(dropped)).sum(1)
        if mode == 'predict':
            return [value.mean()]
        return dict(loss=(value - torch.tensor(target)).square().mean())


@METRICS.register_module(force=True)
class Falling(BaseMetric):
    """A figure that depends on the weights: it is 9 minus their size."""

    def process(self, _: Any, data_samples: Any) -> None:
        self.results += [float(sample) for sample in data_samples]

    def compute_metrics(self, results: list) -> dict[str, float]:
        return {'mIoU': float(np.mean(results)), 'other': 1.0}


class StopAt(Hook):
    """This hook raises an error after a moment's n-th time."""

    priority = 'LOWEST'

    def __init__(self, moment: str, number: int) -> None:
        self.number = number
        setattr(self, moment, self.stop)

    def stop(self, *_: Any, **__: Any) -> None:
        self.number -= 1
        if self.number == 0:
            raise RuntimeError('stopped')


NUMBERS = itertools.count()  # mmengine shares logs among runs of one name
EPOCHS = dict(by_epoch=True, max_epochs=4, val_interval=2)
ITERATIONS = dict(by_epoch=False, max_iters=16, val_interval=8)


def runner_of(
    work: Path,
    loop: dict = EPOCHS,
    hooks: tuple = (),
    sampler: str = '',
    **changes: Any,
) -> Runner:
    """Build a runner of 4 epochs of 4 batches, or 16 iterations."""
    # At the end of a round mmengine's loop of iterations sleeps.
    of_loop = 'DefaultSampler' if loop['by_epoch'] else 'InfiniteSampler'
    loader = dict(
        batch_size=2,
        num_workers=0,
        dataset=dict(type='NoisyPoints'),
        sampler=dict(type=sampler or of_loop, shuffle=True),
    )
    checkpoint = dict(type='CheckpointHook', interval=1, by_epoch=loop['by_epoch'])
    cfg = dict(
        model=dict(type='Dropping'),
        work_dir=str(work),
        experiment_name=f'{work.name}-{next(NUMBERS)}',
        train_dataloader=loader,
        train_cfg=dict(loop),
        val_dataloader=dict(loader, sampler=dict(type='DefaultSampler', shuffle=False)),
        val_cfg=dict(),
        val_evaluator=dict(type='Falling'),
        optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.01)),
        param_scheduler=[
            dict(
                type='CosineAnnealingLR',
                T_max=4,
                by_epoch=True,
                convert_to_iter_based=True,
            )
        ],
        default_hooks=dict(
            logger=dict(type='LoggerHook', interval=1), checkpoint=checkpoint
        ),
        log_processor=dict(by_epoch=loop['by_epoch']),
        randomness=dict(seed=3, deterministic=True),
    )
    config = Config(cfg)
    config.merge_from_dict(changes)
    runner = Runner.from_cfg(config)
    for hook in hooks:
        runner.register_hook(hook)
    return runner


def trained(runner: Runner) -> None:
    """Train, and end the workers: as garbage they would be waited for, 5 s each."""
    try:
        runner.train()
    finally:
        workers = runner.train_loop.dataloader._iterator
        if workers is not None:
            workers._shutdown_workers()


def stopped(work: Path, moment: str, number: int, **options: Any) -> None:
    """Train until a moment's n-th time."""
    hooks = (*options.pop('hooks', ()), StopAt(moment, number))
    with pytest.raises(RuntimeError, match='stopped'):
        trained(runner_of(work, hooks=hooks, **options))


def weights(work: Path, name: str = '') -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint, by default of the last one."""
    name = name or (work / 'last_checkpoint').read_text()
    content = read_checkpoint(work / name)
    moments = content['optimizer']['state'] if 'optimizer' in content else {}
    flat = {
        f'{n}.{k}': torch.as_tensor(v) for n, m in moments.items() for k, v in m.items()
    }
    return {**content['state_dict'], **content.get('ema_state_dict', {}), **flat}


def assert_equal_runs(first: Path, second: Path) -> None:
    """Compare the checkpoints' files and tensors, and the losses by step."""
    names = sorted(path.name for path in first.glob('*.pth'))
    assert sorted(path.name for path in second.glob('*.pth')) == names
    for name in names:
        a, b = weights(first, name), weights(second, name)
        assert a.keys() == b.keys()
        assert all(torch.equal(a[key], b[key]) for key in a), name
    assert logged(first) == logged(second)


def logged(work: Path) -> dict[tuple[str, int], Any]:
    """Return the last line of the log for each step."""
    found = {}
    for path in sorted(work.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            kind = 'val' if 'mIoU' in record else 'train'
            kept = {k: v for k, v in record.items() if 'time' not in k}
            found[kind, record['step']] = kept
    return found
