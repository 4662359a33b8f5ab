"""Hooks change how a model computes, before anything runs."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..fast import optimize
from ..fast.operators.memory_format import channels_last
from ..fast.optimize import Level
from ..registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """This hook makes convolutions compute in channels-last, equal up to rounding.

    Whether that is faster depends on the processor. A float32 step of the detection
    demo, with a larger network than now, took 0.38 instead of 0.51 s on a Xeon with
    AMX; on one without, no demo gained (segmentation 0.42 and 0.41 s).
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner: Runner) -> None:
        """Convert the weights to channels-last; the activations follow."""
        channels_last(runner.model)  # channels-last from here on


@HOOKS.register_module()
class FastHook(Hook):
    """This hook optimizes the runner's model by `hrnet_mm.fast.optimize` before a run.

    Args:
        level: Level of optimization, see `optimize`.
    """

    priority = 'VERY_HIGH'

    def __init__(self, level: Level = 'default') -> None:
        self.level = level
        self._done = False

    def before_train(self, runner: Runner) -> None:
        """Optimize the model once; parameters and keys stay.

        Random weights have been drawn by now: drawn in another memory order, they would
        be different ones.
        """
        if not self._done:
            optimize(runner.model, level=self.level)
        self._done = True

    before_val = before_test = before_train
