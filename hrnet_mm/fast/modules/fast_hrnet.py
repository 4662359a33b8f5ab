"""The body of `models/hrnet.py` by other arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from ...models.hrnet import ExchangeUnit, HRNet, MultiResolutionModule
from ...models.layers import ConvNorm
from ..operators.chain import Link, recomputes, run_chain
from ..operators.convolution import Unit, can_fold
from ..operators.gpu import side_by_side
from ..operators.upsampling import SumOfStreams, add_enlarged
from .fast_layers import Fast, FastConvNorm, units_of


class FastExchangeUnit(Fast, ExchangeUnit):
    """An exchange unit of fewer and larger operators.

    Without gradients all 1x1 convolutions that read one stream run as one, strided
    convolutions add themselves to what their stream received so far, and up-sampled
    maps are never stored. With gradients nothing but the sums is stored.
    """

    @classmethod
    def suits(cls, module: ExchangeUnit) -> bool:
        layers = [m for m in module.modules() if isinstance(m, ConvNorm)]
        return all(FastConvNorm.suits(layer) for layer in layers)

    def prepare(self) -> None:
        rows = [self.row(r) for r in range(len(self))]
        self.senders = [
            self.folded(*(unit for row in rows[:x] for unit in units_of(row[x])))
            for x in range(1, len(rows[0]))
        ]

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Map all streams to the `num_out` highest ones."""
        if torch.is_grad_enabled() or torch.compiler.is_compiling() or self._trains():
            return super().forward(streams)
        lower = [self.send(x, streams[x]) for x in range(1, len(streams))]
        return [
            self.collect(r, streams, [maps[r] for maps in lower[r:]])
            for r in range(len(self))
        ]

    def _trains(self) -> bool:
        return any(m[1].training for m in self.modules() if isinstance(m, ConvNorm))

    def send(self, x: int, stream: Tensor) -> Sequence[Tensor]:
        """Stream x for each higher resolution, not yet enlarged, in one convolution."""
        sender = self.senders[x - 1]
        widths = [unit.conv.out_channels for unit in sender.units]
        return sender(stream).split(widths, dim=1)

    def collect(
        self, r: int, streams: Sequence[Tensor], lower: Sequence[Tensor]
    ) -> Tensor:
        """out_r of the streams and of what the lower ones sent."""
        out = add_enlarged(streams[r], lower, self.upsample)
        for x in range(r):
            *steps, last = cast(Sequence[FastConvNorm], self.row(r)[x])
            y = streams[x]
            for step in steps:
                y = step(y)
            out = last.conv_norm(y, add=out, relu=x == r - 1)
        return out if r else out.relu_()

    def receive(self, r: int, streams: Sequence[Tensor]) -> Tensor:
        """out_r where gradients are wanted."""
        if torch.compiler.is_compiling():
            return super().receive(r, streams)
        maps = [f_xr(in_x) for f_xr, in_x in zip(self.row(r), streams)]
        own = maps.pop(r)
        return SumOfStreams.apply(self.upsample, own, *maps)


class FastMultiResolutionModule(Fast, MultiResolutionModule):
    """Parallel streams, computed at the same time on a GPU if the settings say so."""

    @classmethod
    def suits(cls, module: MultiResolutionModule) -> bool:
        return True

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Map all streams to the `num_out` highest ones; sizes stay."""
        on_gpu = streams[0].device.type == 'cuda'
        if not on_gpu or not self.settings.side_by_side or torch.is_grad_enabled():
            return super().forward(streams)
        return self.fuse_layers(side_by_side(self.branches, streams))


class FastHRNet(Fast, HRNet):
    """HRNet in channels-last order.

    The stem's ReLUs are part of its convolutions; while training with batch statistics
    they are recomputed.
    """

    @classmethod
    def suits(cls, module: HRNet) -> bool:
        return can_fold(module.conv1, module.bn1) and can_fold(module.conv2, module.bn2)

    @classmethod
    def replaces(cls) -> set[str]:
        return super().replaces() - {'forward'}  # which calls the readable one

    def prepare(self) -> None:
        units = [Unit.of(self.conv1, self.bn1), Unit.of(self.conv2, self.bn2)]
        self.stem_units = [self.folded(unit) for unit in units]
        self.stem_chain = [Link(units, None)]

    def stem(self, image: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, 64, ceil(H / 4), ceil(W / 4))."""
        if recomputes(self.stem_chain):
            return run_chain(self.stem_chain, image, native=self.settings.native)
        if any(unit.uses_batch_statistics for unit in self.stem_chain[0].units):
            return super().stem(image)
        x = image
        for unit in self.stem_units:
            x = unit(x, relu=True)
        return x

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """One map per stream, see the readable class."""
        streams = super().forward(self.enter(image))
        return type(streams)(self.leave(x) for x in streams)
