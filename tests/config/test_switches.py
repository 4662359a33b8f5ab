"""Single options of the command line change a config."""

import pytest
from mmengine.config import Config

from hrnet_mm.config import switches
from hrnet_mm.errors import UserError


@pytest.mark.parametrize(
    ('amp', 'expected'),
    [(None, 'OptimWrapper'), ('bf16', 'hrnet_mm.Bf16OptimWrapper')],
)
def test_amp(amp, expected):
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
    switches.set_amp(cfg, amp)
    assert cfg.optim_wrapper.type == expected


def test_fp16_needs_an_accelerator(monkeypatch):
    monkeypatch.setattr(switches, 'get_device', lambda: 'cpu')
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
    with pytest.raises(UserError, match='on a CPU use --amp bf16'):
        switches.set_amp(cfg, 'fp16')
    switches.set_amp(cfg, 'auto')
    assert cfg.optim_wrapper.type == 'hrnet_mm.Bf16OptimWrapper'
    monkeypatch.setattr(switches, 'get_device', lambda: 'cuda')
    switches.set_amp(cfg, 'auto')
    assert cfg.optim_wrapper == dict(type='AmpOptimWrapper', loss_scale='dynamic')


def test_auto_scale_lr():
    cfg = Config(dict(auto_scale_lr=dict(enable=True, base_batch_size=16)))
    switches.set_auto_scale_lr(cfg, None)
    assert cfg.auto_scale_lr.enable is True
    switches.set_auto_scale_lr(cfg, False)
    assert cfg.auto_scale_lr == dict(enable=False, base_batch_size=16)
    with pytest.raises(UserError, match='base_batch_size=16'):
        switches.set_auto_scale_lr(Config(dict()), True)


def test_fast_is_a_hook():
    cfg = Config(dict(custom_hooks=[dict(type='SyncBuffersHook')]))
    switches.set_fast(cfg, None)
    assert len(cfg.custom_hooks) == 1
    switches.set_fast(cfg, 'max')
    assert cfg.custom_hooks[1:] == [dict(type='hrnet_mm.FastHook', level='max')]


def test_keys_that_are_none():
    cfg = Config(dict(custom_hooks=None, auto_scale_lr=None))
    switches.set_fast(cfg, 'default')
    assert len(cfg.custom_hooks) == 1
    switches.set_auto_scale_lr(cfg, False)
    assert cfg.auto_scale_lr == dict(enable=False)
