"""The initial weights that a config asks for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import print_log

from ..models.backbone import pretrained_last
from ..weights import NotReachableError, loaded_by_us, local_file
from .config_dicts import each_dict


def use_our_pretrained(cfg: Config) -> None:
    """Let our `Pretrained` read the initial weights, where mmengine's would unpickle.

    It also asks for every tensor of an HRNet. What a config writes as `pretrained=` is
    moved to where the toolboxes move it, the backbone's `init_cfg`.
    """
    for node in each_dict(cfg.get('model', {})):
        name = node.get('pretrained')
        if isinstance(name, str):
            whole = cfg.get('default_scope') == 'mmpretrain'
            owner = node if whole else node.get('backbone', node)
            owner['init_cfg'] = dict(type='Pretrained', checkpoint=name)
            node['pretrained'] = None
        if 'init_cfg' in node:
            strict = _name(node.get('type')).endswith('HRNet')
            ours = loaded_by_us(node['init_cfg'], strict=strict)
            node['init_cfg'] = pretrained_last(ours)


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _init_cfgs(node: dict) -> list[dict]:
    init = node.get('init_cfg') or []
    return [init] if isinstance(init, dict) else init


def pretrained_of(cfg: Config) -> Iterator[tuple[dict, dict]]:
    """Each part of the model that starts from a checkpoint, and its `init_cfg`."""
    for node in each_dict(cfg.model):
        for init in _init_cfgs(node):
            if 'Pretrained' in str(init.get('type')):
                yield node, init


def fetch_pretrained(cfg: Config, from_scratch: bool) -> None:
    """Make sure that the initial weights are on this machine before anything is built.

    Args:
        cfg: Changed where the model starts from random weights.
        from_scratch: Do not load any, as the user asked.

    Raises:
        NotReachableError: They cannot be had and this machine has an accelerator: hours
            of training from random weights must be asked for.
    """
    if from_scratch:
        forget_pretrained(cfg)
        return
    try:
        for _, init in pretrained_of(cfg):
            local_file(init['checkpoint'])
    except NotReachableError as error:
        choice = 'or train from random weights with --from-scratch'
        if get_device() != 'cpu':
            raise NotReachableError(f'{error}\n{choice}') from error
        print_log(
            f'{error}\nThis machine has no accelerator, so this is taken for a trial: '
            'RANDOM INITIAL WEIGHTS are used, as with --from-scratch. Figures will be '
            'far below the published ones.',
            level=logging.WARNING,
        )
        forget_pretrained(cfg)


def forget_pretrained(cfg: Config) -> None:
    """Start from random weights, which BatchNorm has to follow.

    With statistics that stay those of a fresh network, activations grow without bound.
    """
    for node, init in list(pretrained_of(cfg)):
        others = [other for other in _init_cfgs(node) if other is not init]
        node['init_cfg'] = others or None
        for key, value in (('norm_eval', False), ('frozen_stages', -1)):
            if key in node:
                node[key] = value
