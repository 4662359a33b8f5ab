"""Residual units and modules of HRNet answer to the toolboxes' names.

`models/` builds them with the attributes of the papers and of the checkpoints.
`name_parts` gives the built objects a class of this file. Its properties compute every
other name from what is there, so that nothing is stored twice: parameters, keys and
hooks stay as they are, and a norm that is replaced later is found under both names.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, cast

from torch import nn

from ..models.hrnet import MultiResolutionModule, RecomputedModule
from ..models.layers import BasicBlock, Bottleneck


class Named:
    """A `Named` part keeps its network's settings, as the toolboxes' parts do.

    Attributes:
        conv_cfg: mmcv's dict of a convolution layer, or None.
        norm_cfg: mmcv's dict of a norm layer, or None.
        with_cp: Whether the network recomputes its modules in the backward pass.
    """

    conv_cfg: dict[str, Any] | None
    norm_cfg: dict[str, Any] | None
    with_cp: bool


class NamedNorms(Named):
    """The first two norms of a network or residual unit are `norm1` and `norm2`.

    Our attribute is `bn1` whatever `norm_cfg` says, and `norm1_name` tells that.
    """

    norm1_name = 'bn1'
    norm2_name = 'bn2'
    norm1 = property(attrgetter(norm1_name))
    norm2 = property(attrgetter(norm2_name))


class NamedUnit(NamedNorms):
    """A residual unit computes from its layers what the toolboxes' units store.

    mmdet and mmseg say `inplanes` and `planes` where mmpose and mmpretrain say
    `in_channels` and `mid_channels`; each unit here answers to both.
    """

    conv1: nn.Module
    conv2: nn.Module
    expansion: int

    # What a ResNet of the toolboxes may have, and an HRNet never has.
    dilation = 1
    style = 'pytorch'
    dcn = plugins = None
    with_dcn = with_plugins = False

    inplanes = in_channels = property(attrgetter('conv1.in_channels'))
    planes = mid_channels = property(attrgetter('conv1.out_channels'))

    @property
    def out_channels(self) -> int:
        """Tell how many channels the unit puts out."""
        return self.mid_channels * self.expansion

    @property
    def conv1_stride(self) -> int:
        """Tell by how much the first convolution divides height and width."""
        return cast(nn.Conv2d, self.conv1).stride[0]

    @property
    def conv2_stride(self) -> int:
        """Tell by how much the second convolution divides height and width."""
        return cast(nn.Conv2d, self.conv2).stride[0]

    @property
    def stride(self) -> int:
        """Tell by how much the whole unit divides height and width."""
        return self.conv1_stride * self.conv2_stride


class NamedBasicBlock(NamedUnit, BasicBlock):
    """This class answers to the names of the toolboxes' BasicBlock."""


class NamedBottleneck(NamedUnit, Bottleneck):
    """This class answers to the names of the toolboxes' Bottleneck."""

    norm3_name = 'bn3'
    norm3 = property(attrgetter(norm3_name))


class NamedModule(Named, MultiResolutionModule):
    """This class answers to the names of the toolboxes' HRModule."""

    block_init_cfg = None

    @property
    def num_branches(self) -> int:
        """Tell how many parallel streams the module has."""
        return len(self.branches)

    @property
    def in_channels(self) -> list[int]:
        """List the channels of each stream, which are the same before and after it."""
        streams = cast(Iterable[Sequence[NamedUnit]], self.branches)
        return [stream[0].in_channels for stream in streams]

    @property
    def multiscale_output(self) -> bool:
        """Tell whether the module puts out all its streams or the highest alone."""
        return len(self.fuse_layers) == self.num_branches

    @property
    def upsample_cfg(self) -> dict[str, Any]:
        """Write the up-sampling as mmpose does: `mode` and `align_corners`."""
        return self.fuse_layers.upsample._asdict()


class NamedRecomputedModule(NamedModule, RecomputedModule):
    """This class has the same names, and stores its inputs alone."""


NAMED: dict[type[nn.Module], type[nn.Module]] = {
    BasicBlock: NamedBasicBlock,
    Bottleneck: NamedBottleneck,
    MultiResolutionModule: NamedModule,
    RecomputedModule: NamedRecomputedModule,
}


def name_parts(network: nn.Module, **settings: Any) -> None:
    """Give a network and its parts the toolboxes' names, in place.

    Args:
        network: A `Named` network. Its residual units and modules change their class.
        **settings: The attributes of `Named`. They are copied, since the caller's dicts
            may be the defaults of a constructor.
    """
    settings = copy.deepcopy(settings)
    for part in network.modules():
        part.__class__ = NAMED.get(type(part), type(part))
        if isinstance(part, Named):
            vars(part).update(settings)
