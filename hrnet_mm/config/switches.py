"""Options of the command line change a config, with one function for each."""

from __future__ import annotations

from typing import Any

from mmengine.config import Config
from mmengine.device import get_device

from ..errors import UserError

MIN_DELTA = 1e-4  # what an evaluation must gain to count as better


def set_fast(cfg: Config, level: str | None) -> None:
    """Make the model use `hrnet_mm.fast` once it is built; None changes nothing."""
    if level is not None:
        hook = dict(type='hrnet_mm.FastHook', level=level)
        cfg.custom_hooks = [*(cfg.get('custom_hooks') or []), hook]


def set_amp(cfg: Config, amp: str | None) -> None:
    """Switch on mixed precision.

    Args:
        cfg: Config, changed in place.
        amp: `'fp16'`, `'bf16'`, `'auto'` for fp16 with an accelerator and bf16 on a
            CPU, or None to change nothing.

    Raises:
        UserError: fp16 is requested without an accelerator.
    """
    if amp is None:
        return
    accelerated = get_device() != 'cpu'
    if amp == 'auto':
        amp = 'fp16' if accelerated else 'bf16'
    if amp == 'fp16' and not accelerated:
        raise UserError('--amp fp16 needs an accelerator; on a CPU use --amp bf16')
    wrapper = cfg.optim_wrapper
    wrapper.type = 'hrnet_mm.Bf16OptimWrapper' if amp == 'bf16' else 'AmpOptimWrapper'
    wrapper.pop('loss_scale', None)
    if amp == 'fp16':
        wrapper.loss_scale = 'dynamic'


def set_best(cfg: Config, figure: str | None, patience: int | None) -> None:
    """Keep the best checkpoint, and stop when evaluations get no better.

    Args:
        cfg: Config, changed in place.
        figure: Figure of the evaluation, `'auto'` for that of the papers' tables; None
            to change nothing.
        patience: Number of evaluations in a row that may be no better than the best
            one; None to change nothing.

    Raises:
        UserError: The config has no evaluation.
    """
    if figure is None and patience is None:
        return
    if cfg.get('val_dataloader') is None:
        raise UserError(
            '--save-best and --early-stopping need an evaluation, but the config has '
            'no val_dataloader'
        )
    if figure is not None:
        hooks = cfg.get('default_hooks') or {}
        saving = dict(hooks.get('checkpoint') or {'type': 'CheckpointHook'})
        cfg.default_hooks = {**hooks, 'checkpoint': {**saving, 'save_best': figure}}
    if patience is not None:
        hook: dict[str, Any] = dict(
            type='hrnet_mm.EarlyStoppingHook', monitor=figure or 'auto'
        )
        hook.update(patience=patience, min_delta=MIN_DELTA)
        cfg.custom_hooks = [*(cfg.get('custom_hooks') or []), hook]


def set_auto_scale_lr(cfg: Config, enable: bool | None) -> None:
    """Switch scaling of the learning rate on or off; None leaves it to the config.

    Raises:
        UserError: It should be scaled, but the config does not state the batch size
            that its learning rate is for.
    """
    if enable is None:
        return
    scaling = cfg.get('auto_scale_lr') or {}
    if enable and 'base_batch_size' not in scaling:
        raise UserError(
            '--auto-scale-lr: the config does not say for which batch its learning '
            'rate is; add auto_scale_lr = dict(base_batch_size=16) or whatever it is'
        )
    cfg.auto_scale_lr = dict(scaling, enable=enable)
