"""Hooks change how a model computes, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement

from ..checks.predictions import is_finite, not_finite
from ..errors import UserError, first
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


@HOOKS.register_module()
class FiniteHook(Hook):
    """This hook ends a run at the first loss or prediction that is NaN or infinite.

    All losses that follow would be. mmengine reads each of them on the CPU in every
    iteration, so that this costs next to nothing. Figures computed from predictions
    that are no numbers would mean nothing: a box of NaN overlaps every other.

    Args:
        stops: False to go on all the same, with a warning at the first one.
    """

    priority = 'VERY_HIGH'  # before a checkpoint is saved

    def __init__(self, stops: bool = True) -> None:
        self.stops = stops
        self._said = False

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict | None = None,
    ) -> None:
        """Look at the losses of an iteration.

        Raises:
            UserError: One is NaN or infinite.
        """
        losses = {k: torch.as_tensor(v) for k, v in (outputs or {}).items()}
        odd = [f'{k} = {x.tolist()}' for k, x in losses.items() if not is_finite(x)]
        if not odd or self._said:
            return
        self._said = True
        text = (
            f'the loss is no number any more at iteration {runner.iter + 1} (epoch '
            f'{runner.epoch + 1}): {", ".join(odd)}.\n  pictures: '
            f'{first(pictures_of(data_batch), most=4)}\n{finite_remedy(runner)}'
        )
        if self.stops:
            raise UserError(text)
        runner.logger.warning(text)

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Look at the predictions on a batch.

        Raises:
            UserError: One is NaN or infinite.
        """
        for sample in outputs if self.stops and outputs else ():
            odd = not_finite(sample) if isinstance(sample, BaseDataElement) else []
            if odd:
                raise UserError(
                    f'{getattr(sample, "img_path", "a picture")}: the model finds NaN '
                    f'or infinite numbers there ({first(odd)}), of which no figure can '
                    'be computed. Take an earlier checkpoint'
                )

    after_test_iter = after_val_iter


def pictures_of(data_batch: Any) -> list[str]:
    """Return the paths of the pictures in a batch of any toolbox."""
    samples = data_batch.get('data_samples') if isinstance(data_batch, dict) else None
    listed: Sequence[Any] = samples if isinstance(samples, list | tuple) else []
    return [str(getattr(sample, 'img_path', '?')) for sample in listed]


def finite_remedy(runner: Runner) -> str:
    """Say what to do about a training whose numbers are none any more."""
    rate = runner.optim_wrapper.param_groups[0]['lr']
    return (
        f'The learning rate is {rate:g}: try a tenth of it (--cfg-options '
        f'optim_wrapper.optimizer.lr={rate / 10:g}), a limit for gradients '
        '(optim_wrapper.clip_grad.max_norm=10), --amp bf16 in place of fp16, and look '
        'at data_preprocessor.std, where 0 divides by zero. To go on all the same: '
        '--allow-nan'
    )
