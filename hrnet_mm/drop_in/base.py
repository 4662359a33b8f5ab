"""What the classes that stand in for a toolbox's own have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmengine.logging import print_log
from mmengine.registry import Registry
from torch import nn

from ..models.initialization import prepared

InitCfg = dict[str, Any] | Sequence[dict[str, Any]] | None


def replace(registry: Registry, **classes: type[nn.Module]) -> None:
    """Register our classes under the toolbox's names, and say so."""
    for name, ours in classes.items():
        registry.register_module(name=name, force=True, module=ours)
    names = ' and '.join(classes)
    print_log(f'{registry.scope} builds {names} of hrnet_mm (drop_in)', 'current')


def initialization(init_cfg: InitCfg, pretrained: str | None = None) -> InitCfg:
    """The toolbox's `init_cfg`, or what its old argument `pretrained` means.

    Checkpoints are loaded by `hrnet_mm.Pretrained`: safely, and with a line of the log.

    Raises:
        ValueError: Both are given.
    """
    if pretrained and init_cfg:
        raise ValueError(
            f'give one of pretrained={pretrained!r} and init_cfg={init_cfg!r}'
        )
    if pretrained:
        init_cfg = dict(type='Pretrained', checkpoint=pretrained)
    return prepared(init_cfg)
