"""mmcv's `ConvModule`, which the toolboxes' heads use, is optimized here.

This file is imported only if mmcv is in use already.
"""

from __future__ import annotations

from mmcv.cnn import ConvModule
from torch import Tensor, nn

from ..operators.convolution import Unit, can_fold
from .fast_layers import Fast


class FastConvModule(Fast, ConvModule):
    """This `ConvModule` runs as one fused operator if its statistics are frozen."""

    conv: nn.Module
    norm: nn.Module
    with_norm: bool
    with_activation: bool

    @classmethod
    def suits(cls, module: ConvModule) -> bool:
        norm = module.norm if module.with_norm else None
        activation = module.activate if module.with_activation else nn.ReLU()
        return (
            can_fold(module.conv, norm)
            and not module.with_explicit_padding
            and not module.with_spectral_norm
            and isinstance(activation, nn.ReLU)
            and module.order == ('conv', 'norm', 'act')
        )

    def prepare(self) -> None:
        norm = self.norm if self.with_norm else None
        self.conv_norm = self.folded(Unit.of(self.conv, norm))

    def forward(self, x: Tensor, activate: bool = True, norm: bool = True) -> Tensor:
        """Map (N, C, H, W) to (N, K, H', W') as the readable class does."""
        if (self.with_norm and self.norm.training) or not norm:
            return super().forward(x, activate, norm)
        return self.conv_norm(x, relu=activate and self.with_activation)
