"""Training with batch statistics: norms, sums and ReLUs are computed twice, not stored.

Of a residual unit the readable network stores four maps for the backward pass: two
outputs of convolutions, which the norms need, and two results of ReLUs, which the next
convolutions need. The latter follow from the former at the cost of reading memory once,
so a chain of units stores its input and the outputs of its convolutions alone: about
half. The convolutions run once, and the running statistics are updated once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from . import kernels
from .convolution import Unit
from .gradients import Wanted, convolution_backward
from .kernels import Geometry, kernel_of


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
        projected = isinstance(self.shortcut, Unit)
        return [*self.units, self.shortcut] if projected else list(self.units)


class Normed(NamedTuple):
    """What is stored of one unit: the convolution's output and its statistics.

    The output is None where the convolution runs once more, too.
    """

    z: Tensor | None
    mean: Tensor
    invstd: Tensor


def recomputes(links: Sequence[Link]) -> bool:
    """Whether a chain is trained with batch statistics that this file can compute."""
    if not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return False
    units = [unit for link in links for unit in link.all_units]
    return all(
        unit.norm.training and type(unit.norm) is nn.BatchNorm2d for unit in units
    )


def run_chain(links: Sequence[Link], x: Tensor, *, winograd: bool) -> Tensor:
    """Map (N, C, H, W) through all links, storing what this file says."""
    units = [unit for link in links for unit in link.all_units]
    parameters = [
        p
        for unit in units
        for p in (unit.conv.weight, unit.norm.weight, unit.norm.bias)
    ]
    return _Chain.apply(links, winograd, kernels.autocast(x), *parameters)


def _convolve(unit: Unit, x: Tensor, winograd: bool) -> Tensor:
    weight, geometry = unit.conv.weight.to(x.dtype), Geometry.of(unit.conv)
    kernel = kernel_of(x, weight, geometry, winograd)
    return kernel(weight, None, geometry)(x, None, False)


def _reads_images(unit: Unit) -> bool:
    """Whether a convolution has few multiplications for a large output."""
    return unit.conv.in_channels <= 4


def _normalize(unit: Unit, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The norm in training mode: output, mean and inverse deviation; updates it."""
    norm = unit.norm
    norm.num_batches_tracked.add_(1)
    return torch.ops.aten.native_batch_norm(
        z,
        norm.weight,
        norm.bias,
        norm.running_mean,
        norm.running_var,
        True,
        norm.momentum,
        norm.eps,
    )


def _normalize_again(unit: Unit, saved: Normed) -> Tensor:
    """The norm's output from what is stored."""
    norm = unit.norm
    variance = saved.invstd.square().reciprocal_().sub_(norm.eps)
    return torch.ops.aten.native_batch_norm(
        saved.z,
        norm.weight,
        norm.bias,
        saved.mean,
        variance,
        False,
        0.0,
        norm.eps,
    )[0]


class _Forward:
    """Runs the links and keeps what the backward pass needs."""

    def __init__(self, winograd: bool) -> None:
        self.winograd = winograd
        self.saved: list[Normed] = []

    def unit(self, unit: Unit, x: Tensor) -> Tensor:
        z = _convolve(unit, x, self.winograd)
        y, mean, invstd = _normalize(unit, z)
        self.saved.append(Normed(None if _reads_images(unit) else z, mean, invstd))
        return y

    def link(self, link: Link, x: Tensor) -> Tensor:
        y = x
        for unit in link.units[:-1]:
            y = self.unit(unit, y).relu_()
        y = self.unit(link.units[-1], y)
        if isinstance(link.shortcut, Unit):
            y += self.unit(link.shortcut, x)
        elif link.shortcut is not None:
            y += x
        return y.relu_() if link.relu else y


class _Backward:
    """Runs the links backwards; gradients of parameters by unit."""

    def __init__(
        self, links: Sequence[Link], saved: Iterator[Normed], winograd: bool
    ) -> None:
        self.winograd = winograd
        self.saved = {
            id(unit): next(saved) for link in links for unit in link.all_units
        }
        self.grads: dict[int, tuple] = {}

    def again(self, unit: Unit) -> Tensor:
        return _normalize_again(unit, self.saved[id(unit)])

    def convolve_again(self, link: Link, x: Tensor) -> None:
        """Make what was not stored of the units that read the link's input."""
        for unit in (link.units[0], link.shortcut):
            saved = self.saved.get(id(unit))
            if saved is not None and saved.z is None:
                z = _convolve(unit, x, self.winograd)
                self.saved[id(unit)] = saved._replace(z=z)

    def output(self, link: Link, x: Tensor) -> Tensor:
        """What the link gave for x."""
        self.convolve_again(link, x)
        y = self.again(link.units[-1])
        if isinstance(link.shortcut, Unit):
            y += self.again(link.shortcut)
        elif link.shortcut is not None:
            y += x
        return y.relu_() if link.relu else y

    def unit(self, unit: Unit, grad: Tensor, x: Tensor, needs_x: bool) -> Tensor | None:
        """Gradient of the unit's input x from that of its norm's output."""
        norm, saved = unit.norm, self.saved.pop(id(unit))
        trains = [unit.conv.weight, norm.weight, norm.bias]
        needs_weight, *needs_affine = (p.requires_grad for p in trains)
        grad, grad_scale, grad_shift = torch.ops.aten.native_batch_norm_backward(
            grad,
            saved.z,
            norm.weight,
            norm.running_mean,
            norm.running_var,
            saved.mean,
            saved.invstd,
            True,
            norm.eps,
            [True, *needs_affine],
        )
        grads = convolution_backward(
            grad,
            x,
            unit.conv.weight,
            None,
            Geometry.of(unit.conv),
            Wanted(needs_x, needs_weight, bias=False),
            use_winograd=self.winograd,
        )
        self.grads[id(unit)] = (grads.weight, grad_scale, grad_shift)
        return grads.x

    def link(self, link: Link, grad: Tensor, x: Tensor, needs_x: bool) -> Tensor | None:
        """Gradient of the link's input x from that before its last ReLU."""
        self.convolve_again(link, x)
        inputs = [x] + [self.again(unit).relu_() for unit in link.units[:-1]]
        through = grad
        for k in reversed(range(len(link.units))):
            needs = needs_x or k > 0
            through = self.unit(link.units[k], through, inputs[k], needs)
            if k > 0:
                through = _relu_backward(through, inputs.pop())
        if isinstance(link.shortcut, Unit):
            grad = self.unit(link.shortcut, grad, x, needs_x)
        if not needs_x or link.shortcut is None:
            return through
        return through.add_(grad)


def _relu_backward(grad: Tensor, out: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward(grad, out, 0)


class _Chain(torch.autograd.Function):
    """Links in a row. Stored: the input, and of every unit what `Normed` says."""

    @staticmethod
    def forward(ctx, links, winograd, x, *parameters):
        run = _Forward(winograd)
        out = x
        for link in links:
            out = run.link(link, out)
        ctx.links, ctx.winograd = links, winograd
        ctx.save_for_backward(x, *(t for normed in run.saved for t in normed))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        x, *tensors = ctx.saved_tensors
        saved = (Normed(*tensors[i : i + 3]) for i in range(0, len(tensors), 3))
        links = ctx.links
        run = _Backward(links, saved, ctx.winograd)
        outputs = [x]
        for link in links:
            outputs.append(run.output(link, outputs[-1]))
        for k in reversed(range(len(links))):
            out = outputs.pop()
            if links[k].relu:
                grad = _relu_backward(grad, out)
            needs_x = k > 0 or ctx.needs_input_grad[2]
            grad = run.link(links[k], grad, outputs[k], needs_x)
        units = [unit for link in links for unit in link.all_units]
        grads = [g for unit in units for g in run.grads[id(unit)]]
        return None, None, grad, *grads
