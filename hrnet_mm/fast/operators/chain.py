"""Training with batch statistics: norms, sums and ReLUs are computed twice, not stored.

Of a residual unit the readable network stores four maps for the backward pass: two
outputs of convolutions, which the norms need, and two results of ReLUs, which the next
convolutions need. The latter follow from the former at the cost of reading memory once,
so a chain of units stores its input and the outputs of its convolutions alone: about
half. The convolutions run once, and the running statistics are updated once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from . import kernels
from .convolution import Unit
from .gradients import Wanted, convolution_backward
from .kernels import Geometry, kernel_of
from .norm import Normed, norm_of


class Link(NamedTuple):
    """Units in a row, and what is added to the result of the last one.

    Every unit but the last ends in a ReLU; the last adds the shortcut, then ends in a
    ReLU if `relu`.
    """

    units: Sequence[Unit]
    shortcut: Unit | nn.Identity | None
    relu: bool = True

    @property
    def all_units(self) -> list[Unit]:
        """The units, then the shortcut's."""
        projected = [self.shortcut] if isinstance(self.shortcut, Unit) else []
        return [*self.units, *projected]


def recomputes(links: Sequence[Link]) -> bool:
    """Whether a chain is trained with batch statistics that this file can compute."""
    if not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return False
    units = [unit for link in links for unit in link.all_units]
    return all(
        type(unit.norm) is nn.BatchNorm2d and unit.norm.training for unit in units
    )


def run_chain(links: Sequence[Link], x: Tensor, *, native: bool) -> Tensor:
    """Map (N, C, H, W) through all links, storing what this file says."""
    units = [unit for link in links for unit in link.all_units]
    parameters = [
        p
        for unit in units
        for p in (unit.conv.weight, unit.batch_norm.weight, unit.batch_norm.bias)
    ]
    return _Chain.apply(links, native, kernels.autocast(x), *parameters)


def _convolve(unit: Unit, x: Tensor, native: bool) -> Tensor:
    weight, geometry = unit.conv.weight.to(x.dtype), Geometry.of(unit.conv)
    kernel = kernel_of(x, weight, geometry, native)
    return kernel(weight, None, geometry)(x, None, False)


def _reads_images(unit: Unit) -> bool:
    """Whether a convolution has few multiplications for a large output."""
    return unit.conv.in_channels <= 4


class _Forward:
    """Runs the links and keeps what the backward pass needs."""

    def __init__(self, native: bool) -> None:
        self.native = native
        self.saved: dict[int, Normed] = {}

    def unit(
        self, unit: Unit, x: Tensor, add: Tensor | None = None, *, relu: bool
    ) -> Tensor:
        z = _convolve(unit, x, self.native)
        y, saved = norm_of(unit.batch_norm, z, self.native).train(z, add, relu)
        self.saved[id(unit)] = saved._replace(z=None) if _reads_images(unit) else saved
        return y

    def link(self, link: Link, x: Tensor) -> Tensor:
        add = x if link.shortcut is not None else None
        if isinstance(link.shortcut, Unit):
            add = self.unit(link.shortcut, x, relu=False)
        *first, last = link.units
        y = x
        for unit in first:
            y = self.unit(unit, y, relu=True)
        return self.unit(last, y, add, relu=link.relu)


class _Backward:
    """Runs the links backwards; gradients of parameters by unit."""

    def __init__(self, saved: dict[int, Normed], native: bool) -> None:
        self.saved, self.native = saved, native
        self.grads: dict[int, tuple] = {}

    def again(self, unit: Unit, add: Tensor | None = None, *, relu: bool) -> Tensor:
        saved = self.saved[id(unit)]
        norm = norm_of(unit.batch_norm, saved.convolved, self.native)
        return norm.again(saved, add, relu)

    def convolve_again(self, link: Link, x: Tensor) -> None:
        """Make what was not stored of the units that read the link's input."""
        for unit in (link.units[0], link.shortcut):
            saved = self.saved.get(id(unit))
            if isinstance(unit, Unit) and saved is not None and saved.z is None:
                z = _convolve(unit, x, self.native)
                self.saved[id(unit)] = saved._replace(z=z)

    def output(self, link: Link, x: Tensor) -> Tensor:
        """What the link gave for x."""
        self.convolve_again(link, x)
        add = x if link.shortcut is not None else None
        if isinstance(link.shortcut, Unit):
            add = self.again(link.shortcut, relu=False)
        return self.again(link.units[-1], add, relu=link.relu)

    def unit(
        self,
        unit: Unit,
        grad: Tensor,
        x: Tensor,
        *,
        out: Tensor | None = None,
        add: Tensor | None = None,
        needs_x: bool,
    ) -> Tensor | None:
        """Gradient of the unit's input x, added to `add`.

        `grad` is that of the norm's output, or of the ReLU that follows and gave `out`.
        """
        saved = self.saved.pop(id(unit))
        norm = norm_of(unit.batch_norm, saved.convolved, self.native)
        grad, *grad_norm = norm.backward(grad, saved, out)
        grads = convolution_backward(
            grad,
            x,
            unit.conv.weight,
            None,
            Geometry.of(unit.conv),
            Wanted(needs_x, unit.conv.weight.requires_grad, bias=False),
            add=add,
            native=self.native,
        )
        self.grads[id(unit)] = (grads.weight, *grad_norm)
        return grads.x

    def link(self, link: Link, grad: Tensor, x: Tensor, needs_x: bool) -> Tensor | None:
        """Gradient of the link's input x from that before its last ReLU."""
        self.convolve_again(link, x)
        first, *rest = link.units
        outs = [x, *(self.again(unit, relu=True) for unit in link.units[:-1])]
        add = grad if link.shortcut is not None else None
        if isinstance(link.shortcut, Unit):
            add = self.unit(link.shortcut, grad, x, needs_x=needs_x)
        out: Tensor | None = None
        for unit in reversed(rest):
            before = self.unit(unit, grad, outs[-1], out=out, needs_x=True)
            assert before is not None  # as needs_x says
            grad, out = before, outs.pop()
        return self.unit(first, grad, x, out=out, add=add, needs_x=needs_x)


class _Chain(torch.autograd.Function):
    """Links in a row. Stored: the input, and of every unit what `Normed` says."""

    @staticmethod
    def forward(ctx, links, native, x, *parameters):
        run = _Forward(native)
        out = x
        for link in links:
            out = run.link(link, out)
        ctx.links, ctx.native = links, native
        saved = (run.saved[id(unit)] for link in links for unit in link.all_units)
        ctx.save_for_backward(x, *(tensor for normed in saved for tensor in normed))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        x, *tensors = ctx.saved_tensors
        links = ctx.links
        units = [unit for link in links for unit in link.all_units]
        saved = (Normed(*tensors[i : i + 3]) for i in range(0, len(tensors), 3))
        run = _Backward(
            {id(unit): each for unit, each in zip(units, saved)}, ctx.native
        )
        outputs = [x]
        for link in links:
            outputs.append(run.output(link, outputs[-1]))
        for k in reversed(range(len(links))):
            out = outputs.pop()
            if links[k].relu:
                grad = torch.ops.aten.threshold_backward(grad, out, 0)
            needs_x = k > 0 or ctx.needs_input_grad[2]
            grad = run.link(links[k], grad, outputs[k], needs_x)
        grads = [g for unit in units for g in run.grads[id(unit)]]
        return None, None, grad, *grads
