"""A run that goes on with another batch keeps its place in the schedule."""

from __future__ import annotations

from typing import Any

from mmengine.runner import Runner

from .batches import whole_batch
from .resuming import Progress

# What a scheduler knows of the past; the rest says what it does with it.
PAST = ('base_values', '_last_value', 'last_step', '_global_step', 'optimizer')


def schedulers_of(runner: Runner) -> list[Any]:
    """Return the schedulers of a runner, of one optimizer or several."""
    those = runner.param_schedulers or []
    if isinstance(those, dict):
        return [each for some in those.values() for each in some]
    return list(those)


def as_configured(runner: Runner) -> list[dict[str, Any]]:
    """Return what the config says of each scheduler, before a checkpoint is loaded."""
    return [
        {k: v for k, v in vars(each).items() if k not in PAST}
        for each in schedulers_of(runner)
    ]


def to_this_batch(
    runner: Runner, before: Progress, configured: list[dict[str, Any]]
) -> None:
    """Change learning rates and schedules, if batches have another size than before.

    Schedulers by iteration go on at the same share of the training. The learning rate
    is scaled as at the start of a run (`auto_scale_lr`).

    Args:
        runner: Runner whose optimizer and schedulers come from the checkpoint.
        before: Where the run was, with its batches.
        configured: As from `as_configured`.
    """
    loader = runner.train_dataloader
    size = whole_batch(loader)
    if size == before.batch_size:
        return
    ratio = len(loader) / max(before.batches, 1)
    scaling = runner.auto_scale_lr or {}
    factor = size / before.batch_size if scaling.get('enable') else 1.0
    for scheduler, plan in zip(schedulers_of(runner), configured, strict=True):
        if not scheduler.by_epoch:
            vars(scheduler).update(plan)
            scheduler.last_step = round(scheduler.last_step * ratio)
            scheduler._global_step = round(scheduler._global_step * ratio)
        if scheduler.param_name == 'lr':
            scheduler.base_values = [x * factor for x in scheduler.base_values]
            scheduler._last_value = [x * factor for x in scheduler._last_value]
    old = runner.optim_wrapper.param_groups[0]['lr']
    for group in runner.optim_wrapper.param_groups:
        group['lr'] *= factor
        if 'initial_lr' in group:
            group['initial_lr'] *= factor
    new = runner.optim_wrapper.param_groups[0]['lr']
    runner.logger.warning(
        f'the run so far had batches of {before.batch_size}, now they have {size}: the '
        f'learning rate goes on with {new:g} in place of {old:g}, and the schedule at '
        'the same share of the training'
    )
