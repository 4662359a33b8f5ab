"""The initial weights that a config asks for: found once, then fetched or forgotten."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import print_log

from ..models.initialization import listed, loads_a_checkpoint, prepared
from ..nested_dicts import each_dict
from ..toolboxes import toolbox_of
from ..weights import NotReachableError, locate


class Start(NamedTuple):
    """A part of a model that starts from a checkpoint.

    Attributes:
        part: Its dict in the config.
        init: The dict of its `init_cfg` that names the checkpoint.
    """

    part: dict
    init: dict

    def forget(self) -> None:
        """Start from random weights, which BatchNorm has to follow.

        With statistics that stay those of a fresh network, activations grow without
        bound.
        """
        kept = [init for init in listed(self.part['init_cfg']) if init is not self.init]
        self.part['init_cfg'] = kept or None
        for key, value in (('norm_eval', False), ('frozen_stages', -1)):
            if key in self.part:
                self.part[key] = value


def starts_of(cfg: Config) -> list[Start]:
    """Find the parts of a config's model that start from a checkpoint.

    From then on our `Pretrained` reads it, where mmengine's would unpickle, and asks
    for every tensor of an HRNet. What a config writes as `pretrained=` is moved to
    where the toolboxes move it, an `init_cfg`.
    """
    found = []
    for node in each_dict(cfg.get('model', {})):
        _move_pretrained(node, cfg)
        if 'init_cfg' not in node:
            continue
        is_hrnet = _class_name(node.get('type')).endswith('HRNet')
        node['init_cfg'] = prepared(node['init_cfg'], strict=is_hrnet)
        inits = listed(node['init_cfg'])
        found += [Start(node, init) for init in inits if loads_a_checkpoint(init)]
    return found


def _move_pretrained(node: dict, cfg: Config) -> None:
    name, toolbox = node.get('pretrained'), toolbox_of(cfg)
    if isinstance(name, str):
        part = toolbox.part_of_pretrained(node) if toolbox else node
        part['init_cfg'] = dict(type='Pretrained', checkpoint=name)
        node['pretrained'] = None


def _class_name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def fetch_pretrained(cfg: Config, from_scratch: bool) -> None:
    """Make sure that the initial weights are on this machine before anything is built.

    Args:
        cfg: Changed as `starts_of` says, and where it starts from random weights.
        from_scratch: Do not load any, as the user asked.

    Raises:
        NotReachableError: They cannot be had and this machine has an accelerator: hours
            of training from random weights must be asked for.
    """
    starts = starts_of(cfg)
    try:
        for start in [] if from_scratch else starts:
            locate(start.init['checkpoint'])
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
        from_scratch = True
    if from_scratch:
        forget(starts)


def forget_pretrained(cfg: Config) -> None:
    """Start every part of a model from random weights, see `Start.forget`."""
    forget(starts_of(cfg))


def forget(starts: list[Start]) -> None:
    """Forget several starts."""
    for start in starts:
        start.forget()
