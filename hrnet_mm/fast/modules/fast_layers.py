"""The layers of `models/layers.py` have optimized, numerically equivalent classes here.

Each class replaces a readable one: `adopt` changes the object's class. Parameters,
keys, hooks and `isinstance` stay the same. The readable forward pass stays too; it
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
    """These settings are shared by all fast modules of one model.

    Attributes:
        native: True if the C++ kernels of this package may compute 3x3 convolutions and
            norms.
        side_by_side: True if a GPU runs HRNet's parallel streams concurrently when no
            gradients are needed.
        dtype: Type in which features are computed; None for the type of the input.
    """

    native: bool = False
    side_by_side: bool = False
    dtype: torch.dtype | None = None


class Fast(nn.Module):
    """This mixin makes a readable class compute the same result faster."""

    settings: Settings

    @classmethod
    def suits(cls, module: Any) -> bool:
        """Tell whether this class can replace a readable module with equal results."""
        raise NotImplementedError

    @classmethod
    def replaces(cls) -> set[str]:
        """Return the names of the readable class's methods that are overridden."""
        mixed = (each for each in cls.__mro__ if issubclass(each, Fast))
        methods = (vars(each).items() for each in mixed if each is not Fast)
        return {name for each in methods for name, value in each if isfunction(value)}

    @classmethod
    def adopt(cls, module: nn.Module, settings: Settings) -> None:
        """Turn a readable module into one of this class, in place."""
        module.__class__ = cls
        assert isinstance(module, cls)
        module.settings = settings
        module.prepare()

    def prepare(self) -> None:
        """Set up what `forward` needs in addition to the readable module."""

    def train(self, mode: bool = True) -> Self:
        """Set the mode and discard cached weights.

        Weights that were written through `.data` count from now on. Autograd does not
        notice such writes (mmengine's EMAHook does them), so caches may be outdated.
        """
        self.prepare()
        return super().train(mode)

    def enter(self, x: Tensor) -> Tensor:
        """Return a map in channels-last order and in the settings' type."""
        # (N, C, H, W) keeps its shape; in memory it is (N, H, W, C) from here on
        return x.to(
            dtype=self.settings.dtype or x.dtype, memory_format=torch.channels_last
        )

    def leave(self, x: Tensor) -> Tensor:
        """Return a map in float32 if the settings name a type, else unchanged."""
        return x if self.settings.dtype is None else x.float()

    def folded(self, *units: Unit) -> FoldedConv:
        """Return the units as one convolution, computed as the settings say."""
        return FoldedConv(*units, native=self.settings.native)


def units_of(module: nn.Module) -> list[Unit]:
    """Return the convolutions and norms of a layer, except those of its shortcut."""
    if isinstance(module, ConvNorm):
        return [Unit.of(module[0], module[1])]
    count = 2 if isinstance(module, BasicBlock) else 3
    return [
        Unit.of(getattr(module, f'conv{i}'), getattr(module, f'bn{i}'))
        for i in range(1, count + 1)
    ]


def link_of(module: nn.Module) -> Link:
    """Return a layer as a link of a chain."""
    if isinstance(module, ConvNorm):
        return Link(units_of(module), None, relu=len(module) == 3)
    shortcut = getattr(module, 'downsample', None)
    if isinstance(shortcut, ConvNorm):
        (shortcut,) = units_of(shortcut)
    return Link(units_of(module), shortcut)


class FastConvNorm(Fast, ConvNorm):
    """This `ConvNorm` runs as one fused operator if its statistics are frozen."""

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
    """This residual unit fuses its sum and ReLU into its last convolution."""

    downsample: nn.Module

    @classmethod
    def suits(cls, module: nn.Module) -> bool:
        return all(can_fold(*unit) for unit in units_of(module))

    def prepare(self) -> None:
        *first, last = (self.folded(unit) for unit in units_of(self))
        self.first_units, self.last_unit = first, last

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, H', W') as the readable class does."""
        if any(unit.uses_batch_statistics for unit in units_of(self)):
            return super().forward(x)
        out = x
        # The widths are those of the readable class: the block's inner ones first, ...
        for unit in self.first_units:
            out = unit(out, relu=True)
        # ... then (N, K, H', W'), the shape of the shortcut
        return self.last_unit(out, add=self.downsample(x), relu=True)


class FastBasicBlock(FastResidualUnit, BasicBlock):
    """This `BasicBlock` is optimized as `FastResidualUnit` says."""


class FastBottleneck(FastResidualUnit, Bottleneck):
    """This `Bottleneck` is optimized as `FastResidualUnit` says."""


class FastSequence(Fast, nn.Sequential):
    """This Sequential saves memory in training with batch statistics, see chain.py."""

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
        """Map (N, C, H, W) through all layers."""
        if recomputes(self.links):
            return run_chain(self.links, x, native=self.settings.native)
        return super().forward(x)


class FastConvLayer(Fast, ConvLayer):
    """This `ConvLayer` runs as one fused operator if its statistics are frozen."""

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
