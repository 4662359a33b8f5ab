"""A config's initial weights are found once, then downloaded or dropped."""

from __future__ import annotations

import logging
from typing import NamedTuple

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import print_log

from ..models.initialization import listed, loads_a_checkpoint, prepared
from ..nested_dicts import each_dict
from ..shelves import short_name
from ..toolboxes import toolbox_of
from ..weights import NotReachableError, locate


class Start(NamedTuple):
    """A `Start` is a part of a model that starts from a checkpoint.

    Attributes:
        part: Dict of the part in the config.
        init: Dict in its `init_cfg` that names the checkpoint.
    """

    part: dict
    init: dict

    def forget(self) -> None:
        """Start from random weights instead, and let BatchNorm and all stages train.

        If BatchNorm kept the running statistics of a fresh network, activations would
        grow without bound.
        """
        kept = [init for init in listed(self.part['init_cfg']) if init is not self.init]
        self.part['init_cfg'] = kept or None
        for key, value in (('norm_eval', False), ('frozen_stages', -1)):
            if key in self.part:
                self.part[key] = value


def starts_of(cfg: Config) -> list[Start]:
    """Return the parts of a config's model that start from a checkpoint.

    The config is changed: our `Pretrained` will read the checkpoint, as mmengine's
    would unpickle it, and will require every tensor of an HRNet. A `pretrained=` in the
    config becomes an `init_cfg`, as in the toolboxes.
    """
    found = []
    for node in each_dict(cfg.get('model', {})):
        _move_pretrained(node, cfg)
        if 'init_cfg' not in node:
            continue
        strict = short_name(node.get('type')).endswith('HRNet')
        node['init_cfg'] = prepared(node['init_cfg'], strict=strict)
        inits = listed(node['init_cfg'])
        found += [Start(node, init) for init in inits if loads_a_checkpoint(init)]
    return found


def _move_pretrained(node: dict, cfg: Config) -> None:
    name, toolbox = node.get('pretrained'), toolbox_of(cfg)
    if isinstance(name, str):
        part = toolbox.part_of_pretrained(node) if toolbox else node
        part['init_cfg'] = dict(type='Pretrained', checkpoint=name)
        node['pretrained'] = None


def fetch_pretrained(cfg: Config, from_scratch: bool) -> None:
    """Download the initial weights of a config before anything is built.

    Without an accelerator, random weights replace those that cannot be downloaded.

    Args:
        cfg: Config, changed in place as by `starts_of`, and by `Start.forget` if
            random weights are used.
        from_scratch: True to use random weights, as the user requested.

    Raises:
        NotReachableError: The weights cannot be downloaded and this machine has an
            accelerator: hours of training from random weights must be requested.
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
    """Make every part of a config's model start from random weights."""
    forget(starts_of(cfg))


def forget(starts: list[Start]) -> None:
    """Replace several starts with random weights, see `Start.forget`."""
    for start in starts:
        start.forget()
