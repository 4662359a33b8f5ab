"""The layers of `models/layers.py` by other arithmetic.

Each class here takes the place of the readable one: `adopt` changes the object's class.
Parameters, keys, hooks and `isinstance` stay, and so does the readable forward, which
serves where the faster one does not apply.
"""

from __future__ import annotations

from inspect import isfunction
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from ...models.layers import BasicBlock, Bottleneck, ConvLayer, ConvNorm
from ..operators.chain import Link, recomputes, run_chain
from ..operators.convolution import FoldedConv, Unit, can_fold

if TYPE_CHECKING:
    from typing_extensions import Self


class Settings(NamedTuple):
    """What all fast modules of one model know.

    Args:
        native: The C++ kernels of this package may compute 3x3 convolutions and norms.
        side_by_side: A GPU computes HRNet's parallel streams at the same time, where no
            gradients are wanted.
        dtype: The type in which features are computed; None for that of the input.
    """

    native: bool = False
    side_by_side: bool = False
    dtype: torch.dtype | None = None


class Fast(nn.Module):
    """Mixed into a readable class: the same module, computed faster."""

    settings: Settings

    @classmethod
    def suits(cls, module: Any) -> bool:
        """Whether this class computes what a module of its readable class does."""
        raise NotImplementedError

    @classmethod
    def replaces(cls) -> set[str]:
        """The methods that are called in place of the readable class's."""
        mixed = (each for each in cls.__mro__ if issubclass(each, Fast))
        methods = (vars(each).items() for each in mixed if each is not Fast)
        return {name for each in methods for name, value in each if isfunction(value)}

    @classmethod
    def adopt(cls, module: nn.Module, settings: Settings) -> None:
        """Make a readable module one of this class, in place."""
        module.__class__ = cls
        assert isinstance(module, cls)
        module.settings = settings
        module.prepare()

    def prepare(self) -> None:
        """Set up what `forward` needs besides the readable module's attributes."""

    def train(self, mode: bool = True) -> Self:
        """Set the mode. Weights that were written through `.data` count from now on.

        Autograd does not see such writing (mmengine's EMAHook does it), so that kept
        copies of them are thrown away.
        """
        self.prepare()
        return super().train(mode)

    def enter(self, x: Tensor) -> Tensor:
        """A map in channels-last order and in the type that the settings name."""
        return x.to(
            dtype=self.settings.dtype or x.dtype, memory_format=torch.channels_last
        )

    def leave(self, x: Tensor) -> Tensor:
        """A map in float32, if the settings name another type."""
        return x if self.settings.dtype is None else x.float()

    def folded(self, *units: Unit) -> FoldedConv:
        """The units as one convolution, computed as the settings say."""
        return FoldedConv(*units, native=self.settings.native)


def units_of(module: nn.Module) -> list[Unit]:
    """The convolutions and norms of a layer, the shortcut's not among them."""
    if isinstance(module, ConvNorm):
        return [Unit.of(module[0], module[1])]
    count = 2 if isinstance(module, BasicBlock) else 3
    return [
        Unit.of(getattr(module, f'conv{i}'), getattr(module, f'bn{i}'))
        for i in range(1, count + 1)
    ]


def link_of(module: nn.Module) -> Link:
    """A layer as a link of a chain."""
    if isinstance(module, ConvNorm):
        return Link(units_of(module), None, relu=len(module) == 3)
    shortcut = getattr(module, 'downsample', None)
    if isinstance(shortcut, ConvNorm):
        (shortcut,) = units_of(shortcut)
    return Link(units_of(module), shortcut)


class FastConvNorm(Fast, ConvNorm):
    """`ConvNorm` in one operator where its statistics are frozen."""

    @classmethod
    def suits(cls, module: ConvNorm) -> bool:
        return can_fold(module[0], module[1])

    def prepare(self) -> None:
        (unit,) = units_of(self)
        self.conv_norm = self.folded(unit)

    def forward(self, x: Tensor, add: Tensor | None = None) -> Tensor:
        """Map (N, C, H, W) to (N, K, H', W'); `add` is added before the ReLU."""
        if self[1].training:
            out = super().forward(x)
            return out if add is None else out + add
        return self.conv_norm(x, add, relu=len(self) == 3)


class FastResidualUnit(Fast):
    """A residual unit whose sum and ReLU are part of its last convolution."""

    downsample: nn.Module

    @classmethod
    def suits(cls, module: nn.Module) -> bool:
        return all(can_fold(*unit) for unit in units_of(module))

    def prepare(self) -> None:
        *first, last = (self.folded(unit) for unit in units_of(self))
        self.first_units, self.last_unit = first, last

    def forward(self, x: Tensor) -> Tensor:
        """Map as the readable class does."""
        if any(unit.uses_batch_statistics for unit in units_of(self)):
            return super().forward(x)
        out = x
        for unit in self.first_units:
            out = unit(out, relu=True)
        return self.last_unit(out, add=self.downsample(x), relu=True)


class FastBasicBlock(FastResidualUnit, BasicBlock):
    """`BasicBlock`, see `FastResidualUnit`."""


class FastBottleneck(FastResidualUnit, Bottleneck):
    """`Bottleneck`, see `FastResidualUnit`."""


class FastSequence(Fast, nn.Sequential):
    """Layers in a row, trained with batch statistics: see chain.py."""

    @classmethod
    def suits(cls, module: nn.Sequential) -> bool:
        layers = (ConvNorm, BasicBlock, Bottleneck)
        if len(module) == 0 or not all(isinstance(layer, layers) for layer in module):
            return False
        return all(
            can_fold(*unit) and unit.conv.bias is None
            for layer in module
            for unit in link_of(layer).all_units
        )

    def prepare(self) -> None:
        self.links = [link_of(layer) for layer in self]

    def forward(self, x: Tensor) -> Tensor:
        """Map through all layers."""
        if recomputes(self.links):
            return run_chain(self.links, x, native=self.settings.native)
        return super().forward(x)


class FastConvLayer(Fast, ConvLayer):
    """`ConvLayer` in one operator where its statistics are frozen."""

    @classmethod
    def suits(cls, module: ConvLayer) -> bool:
        return can_fold(module.conv, module.norm)

    def prepare(self) -> None:
        self.conv_norm = self.folded(Unit.of(self.conv, self.norm))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, H', W')."""
        if self.norm is not None and self.norm.training:
            return super().forward(x)
        return self.conv_norm(x, relu=self.with_activation)
