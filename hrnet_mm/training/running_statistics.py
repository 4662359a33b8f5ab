"""Running statistics are the same in all processes wherever they count.

Each process normalizes by its own pictures, so that its BatchNorms have statistics of
its own. An evaluation with them gives a figure that no checkpoint has: each process
would evaluate a network of its own, and the checkpoint holds that of the first one.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.hooks import EMAHook
from mmengine.runner import Runner
from torch import Tensor, distributed

from .lockstep import is_alone


def share_statistics(runner: Runner) -> None:
    """Give all processes the mean of their running statistics.

    Those of averaged weights (EMA) are among them. All processes call this.

    Args:
        runner: Runner, whose model is changed in place.
    """
    average(statistics_of(runner))


def statistics_of(runner: Runner) -> list[Tensor]:
    """Return the buffers of real numbers of a runner's model, and of averaged weights.

    The tensors are those of the models, no copies.
    """
    averaged = [hook.ema_model for hook in runner.hooks if has_averages(hook)]
    return [
        buffer
        for model in [runner.model, *averaged]
        for buffer in model.buffers()
        if buffer.is_floating_point() and buffer.numel()
    ]


def has_averages(hook: object) -> bool:
    """Tell whether a hook keeps averaged weights, and has begun to."""
    return isinstance(hook, EMAHook) and hasattr(hook, 'ema_model')


def average(buffers: Sequence[Tensor]) -> None:
    """Set tensors to their means over all processes.

    Equal values stay exactly what they are: sums of float32 are exact in float64.

    Args:
        buffers: Tensors, changed in place.
    """
    if is_alone() or not buffers:
        return
    flat = torch.cat([buffer.detach().double().flatten() for buffer in buffers])
    distributed.all_reduce(flat)  # one operation for all of them
    flat /= distributed.get_world_size()
    set_statistics(buffers, flat.split([buffer.numel() for buffer in buffers]))


def set_statistics(buffers: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    """Set buffers to values of as many elements.

    Raises:
        ValueError: There are more or fewer values than buffers.
        RuntimeError: One has another number of elements.
    """
    with torch.no_grad():
        for buffer, value in zip(buffers, values, strict=True):
            buffer.copy_(value.view_as(buffer))
