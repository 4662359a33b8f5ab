"""Running statistics are the same in all processes wherever they count.

Each process normalizes by its own pictures, so that its BatchNorms have statistics of
its own. An evaluation with them gives a figure that no checkpoint has: each process
would evaluate a network of its own, and the checkpoint holds that of the first one.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from mmengine.hooks import EMAHook
from mmengine.runner import Runner
from torch import Tensor, distributed, nn

from .lockstep import is_open


def share_statistics(runner: Runner) -> None:
    """Give all processes the mean of their running statistics.

    Those of averaged weights (EMA) are among them. All processes call this.

    Args:
        runner: Runner, whose model is changed in place.
    """
    averaged = [hook.ema_model for hook in runner.hooks if has_averages(hook)]
    average_buffers([runner.model, *averaged])


def has_averages(hook: object) -> bool:
    """Tell whether a hook keeps averaged weights, and has begun to."""
    return isinstance(hook, EMAHook) and hasattr(hook, 'ema_model')


def average_buffers(models: Iterable[nn.Module]) -> None:
    """Set the buffers of real numbers to their means over all processes.

    Equal values stay exactly what they are: sums of float32 are exact in float64.

    Args:
        models: Modules, changed in place.
    """
    if not is_open() or distributed.get_world_size() == 1:
        return
    buffers = [
        buffer
        for model in models
        for buffer in model.buffers()
        if buffer.is_floating_point() and buffer.numel()
    ]
    if not buffers:
        return
    flat = torch.cat([buffer.detach().double().flatten() for buffer in buffers])
    distributed.all_reduce(flat)  # one operation for all of them
    flat /= distributed.get_world_size()
    _spread(flat, buffers)


def _spread(flat: Tensor, buffers: list[Tensor]) -> None:
    sizes = [buffer.numel() for buffer in buffers]
    with torch.no_grad():
        for buffer, mean in zip(buffers, flat.split(sizes), strict=True):
            buffer.copy_(mean.view_as(buffer))
