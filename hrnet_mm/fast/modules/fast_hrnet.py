"""The body of HRNet, `models/hrnet.py`, is optimized here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from ...models.hrnet import (
    ExchangeUnit,
    HRNet,
    MultiResolutionModule,
    check_number,
)
from ...models.layers import ConvNorm
from ..operators.chain import Link, recomputes, run_chain
from ..operators.convolution import Unit, can_fold
from ..operators.gpu import side_by_side
from ..operators.upsampling import SumOfStreams, add_enlarged
from .fast_layers import Fast, FastConvNorm, units_of


class FastExchangeUnit(Fast, ExchangeUnit):
    """This exchange unit has fewer and larger operators.

    Without gradients all 1x1 convolutions that read one stream run as one, the last
    strided convolution from a higher stream adds to the running sum, and up-sampled
    maps are not stored if nearest interpolation doubles their size. With gradients only
    the sums are stored.
    """

    @classmethod
    def suits(cls, module: ExchangeUnit) -> bool:
        layers = [m for m in module.modules() if isinstance(m, ConvNorm)]
        return all(FastConvNorm.suits(layer) for layer in layers)

    def prepare(self) -> None:
        rows = [self.row(r) for r in range(len(self))]
        # Sender x: (N, C_x, H_x, W_x) -> (N, C_0 + ... + C_{x-1}, H_x, W_x)
        self.senders = [
            self.folded(*(unit for row in rows[:x] for unit in units_of(row[x])))
            for x in range(1, len(rows[0]))
        ]

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Exchange all streams and return the `num_out` highest ones."""
        if torch.is_grad_enabled() or torch.compiler.is_compiling() or self._trains():
            return super().forward(streams)
        check_number(self, streams, len(self.row(0)))
        # lower[x - 1][r] is what stream x sends to r < x, (N, C_r, H_x, W_x).
        lower = [self.send(x, streams[x]) for x in range(1, len(streams))]
        # For out_r the senders are x > r, which begin at lower[r].
        return [
            self.collect(r, streams, [maps[r] for maps in lower[r:]])
            for r in range(len(self))
        ]

    def _trains(self) -> bool:
        return any(m[1].training for m in self.modules() if isinstance(m, ConvNorm))

    def send(self, x: int, stream: Tensor) -> Sequence[Tensor]:
        """Convolve stream x for all higher streams in one operator.

        Returns:
            A map (N, C_r, H_x, W_x), not yet enlarged, for each r < x.
        """
        sender = self.senders[x - 1]
        # (N, C_x, H_x, W_x) -> (N, C_0 + ... + C_{x-1}, H_x, W_x) -> one map per r
        widths = [unit.conv.out_channels for unit in sender.units]
        return sender(stream).split(widths, dim=1)

    def collect(
        self, r: int, streams: Sequence[Tensor], lower: Sequence[Tensor]
    ) -> Tensor:
        """Return out_r, (N, C_r, H_r, W_r).

        Args:
            r: Number of the stream.
            streams: Inputs of the exchange unit.
            lower: What streams x > r sent to r, maps (N, C_r, H_x, W_x).
        """
        # each (N, C_r, H_x, W_x) -> (N, C_r, H_r, W_r), added to stream r
        out = add_enlarged(streams[r], lower, self.upsample)
        for x in range(r):
            *steps, last = cast(Sequence[FastConvNorm], self.row(r)[x])
            y = streams[x]
            # (N, C_x, H_x, W_x) -> (N, C_x, 2 H_r, 2 W_r), about, in r - x - 1 steps
            for step in steps:
                y = step(y)
            # -> (N, C_r, H_r, W_r), with sum and, after the last addend, ReLU
            out = last.conv_norm(y, add=out, relu=x == r - 1)
        return out if r else out.relu_()

    def receive(self, r: int, streams: Sequence[Tensor]) -> Tensor:
        """Return out_r, (N, C_r, H_r, W_r), with gradients."""
        if torch.compiler.is_compiling():
            return super().receive(r, streams)
        # (N, C_x, H_x, W_x) -> (N, C_r, ...), at the lower resolution of x and r
        maps = [f_xr(in_x) for f_xr, in_x in zip(self.row(r), streams, strict=True)]
        own = maps.pop(r)
        return SumOfStreams.apply(self.upsample, own, *maps)


class FastMultiResolutionModule(Fast, MultiResolutionModule):
    """This module can run its parallel streams concurrently on a GPU."""

    @classmethod
    def suits(cls, module: MultiResolutionModule) -> bool:
        return True

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Map all streams to the `num_out` highest ones; shapes stay the same."""
        on_gpu = streams[0].device.type == 'cuda'
        if not on_gpu or not self.settings.side_by_side or torch.is_grad_enabled():
            return super().forward(streams)
        check_number(self, streams, len(self.branches))
        return self.fuse_layers(side_by_side(self.branches, streams))


class FastHRNet(Fast, HRNet):
    """This HRNet computes in channels-last order.

    The stem's ReLUs are fused into its convolutions. In training with batch statistics
    they are recomputed in the backward pass.
    """

    @classmethod
    def suits(cls, module: HRNet) -> bool:
        return can_fold(module.conv1, module.bn1) and can_fold(module.conv2, module.bn2)

    @classmethod
    def replaces(cls) -> set[str]:
        return super().replaces() - {'forward'}  # it calls the readable forward

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
        # (N, in_channels, H, W) -> (N, 64, H/2, W/2) -> (N, 64, H/4, W/4)
        x = image
        for unit in self.stem_units:
            x = unit(x, relu=True)
        return x

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return one map per stream, see the readable class."""
        # channels-last, and in the chosen type, between `enter` and `leave`
        streams = super().forward(self.enter(image))
        return type(streams)(self.leave(x) for x in streams)
