"""Options of the command line change a config, with one function for each."""

from __future__ import annotations

from mmengine.config import Config
from mmengine.device import get_device

from ..errors import UserError


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
