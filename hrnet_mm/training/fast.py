"""Training, validating and testing with the faster arithmetic of `hrnet_mm.fast`."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..fast import optimize
from ..fast.optimize import Level
from ..registry import HOOKS


@HOOKS.register_module()
class FastHook(Hook):
    """Switches the runner's model to `hrnet_mm.fast.optimize` before anything runs.

    Args:
        level: See `optimize`.
    """

    priority = 'VERY_HIGH'

    def __init__(self, level: Level = 'default') -> None:
        self.level = level
        self._done = False

    def before_train(self, runner: Runner) -> None:
        """Change the model, once; parameters and keys stay.

        Random weights have been drawn by now: in another order in memory they would be
        others.
        """
        if not self._done:
            optimize(runner.model, level=self.level)
        self._done = True

    before_val = before_test = before_train
