"""All classes that stand in for a toolbox's own share what is in this file."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar

from mmengine.logging import print_log
from mmengine.model import BaseModule
from mmengine.registry import Registry
from torch import Tensor, nn

from ..models import HRNet
from ..models.backbone import Backbone
from .named_parts import (
    NamedBasicBlock,
    NamedBottleneck,
    NamedModule,
    NamedNorms,
    name_parts,
)

InitCfg = dict[str, Any] | Sequence[dict[str, Any]] | None


class ToolboxHRNet(HRNet, NamedNorms, BaseModule):
    """`ToolboxHRNet` stands in for HRNet of mmdet, mmseg, mmpose and mmpretrain.

    It has their names, besides those of `HRNet`, and mmengine's base class. What
    differs among the four is in the classes that are derived from it.

    Args:
        extra: The four stages in OpenMMLab's form.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer.
        with_cp: Recompute each multi-resolution module in the backward pass.
        **arguments: The others of `HRNet`.
    """

    blocks_dict: ClassVar = dict(BASIC=NamedBasicBlock, BOTTLENECK=NamedBottleneck)
    container: type = tuple

    stage1_cfg = property(lambda self: self.extra['stage1'])
    stage2_cfg = property(lambda self: self.extra['stage2'])
    stage3_cfg = property(lambda self: self.extra['stage3'])
    stage4_cfg = property(lambda self: self.extra['stage4'])
    upsample_cfg = property(lambda self: self.upsample._asdict())

    # Ours and mmengine's would add `init_cfg` one after the other.
    __repr__ = BaseModule.__repr__

    def __init__(
        self,
        extra: dict[str, Any],
        *,
        conv_cfg: dict | None,
        norm_cfg: dict | None,
        with_cp: bool,
        **arguments: Any,
    ) -> None:
        settings: dict[str, Any] = dict(
            conv_cfg=conv_cfg, norm_cfg=norm_cfg, with_cp=with_cp
        )
        super().__init__(extra=extra, **settings, **arguments)
        self.extra = copy.deepcopy(extra)
        name_parts(self, **settings)

    def init_weights(self) -> None:
        """Initialize by `init_cfg` alone.

        `zero_init_residual` has no effect in the toolboxes, except in mmpose.
        """
        super(Backbone, self).init_weights()

    # A list in mmdet and mmseg; the argument has their name.
    def forward(self, x: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        """Return one map per stream in the container that the toolbox uses.

        Args:
            x: Images, (N, in_channels, H, W).

        Returns:
            Maps (N, out_channels[r], ceil(H / 2**(r + 2)), ceil(W / 2**(r + 2))).
        """
        return self.container(super().forward(x))


def arguments_of(theirs: type[nn.Module]) -> Callable[[Callable], Callable]:
    """Let a constructor take the arguments of a toolbox's class, with its defaults.

    Args:
        theirs: The installed class, whose signature is read.

    Returns:
        A decorator. The constructor that is decorated is given every argument by name.
    """
    signature = inspect.signature(theirs.__init__)

    def decorate(constructor: Callable) -> Callable:
        @functools.wraps(constructor)
        def construct(*args: Any, **kwargs: Any) -> None:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            constructor(**given.arguments)

        construct.__signature__ = signature  # type: ignore[attr-defined]  # inspect's
        return construct

    return decorate


def replace(registry: Registry, **classes: type[nn.Module]) -> None:
    """Register our classes under the toolbox's names, and say so."""
    for name, ours in classes.items():
        registry.register_module(name=name, force=True, module=ours)
    names = ' and '.join(classes)
    print_log(f'{registry.scope} builds {names} of hrnet_mm (drop_in)', 'current')


def pass_for(theirs: ModuleType, network: type[ToolboxHRNet]) -> None:
    """Let `isinstance` take our network and its parts for a toolbox's own.

    Args:
        theirs: The file of the toolbox that has its HRNet.
        network: Our class in its place.
    """
    theirs.HRNet.register(network)
    theirs.HRModule.register(NamedModule)
    theirs.BasicBlock.register(NamedBasicBlock)
    theirs.Bottleneck.register(NamedBottleneck)


def initialization(init_cfg: InitCfg, pretrained: str | None = None) -> InitCfg:
    """Return the toolbox's `init_cfg`, or what its old argument `pretrained` means.

    Our `BaseModule` lets `hrnet_mm.Pretrained` load checkpoints: safely, and with a
    line of the log.

    Raises:
        ValueError: Both are given.
    """
    if pretrained and init_cfg:
        raise ValueError(
            f'give one of pretrained={pretrained!r} and init_cfg={init_cfg!r}'
        )
    if pretrained:
        return dict(type='Pretrained', checkpoint=pretrained)
    return init_cfg
