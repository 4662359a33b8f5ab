"""A chain of layers recomputes norms, sums and ReLUs in the backward pass.

This is for training with batch statistics. For each residual unit the readable network
stores four maps for the backward pass: two outputs of convolutions, which the norms
need, and two results of ReLUs, which the next convolutions need. The latter follow from
the former by one pass over memory. So a chain of units stores only its input and the
outputs of its convolutions, about half as much. The convolutions run once, except those
that read images, which run twice. The running statistics are updated once.
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
    """A `Link` describes one layer: units in sequence and a shortcut around them.

    Every unit but the last ends in a ReLU. The last adds the shortcut, then ends in a
    ReLU if `relu` is True.

    Attributes:
        units: Convolutions with their norms, in sequence.
        shortcut: Projection of the link's input, the identity, or None to add nothing.
        relu: True if a ReLU ends the link.
    """

    units: Sequence[Unit]
    shortcut: Unit | nn.Identity | None
    relu: bool = True

    @property
    def all_units(self) -> list[Unit]:
        """Return the units, then that of the shortcut if it is a projection."""
        projected = [self.shortcut] if isinstance(self.shortcut, Unit) else []
        return [*self.units, *projected]


def recomputes(links: Sequence[Link]) -> bool:
    """Tell whether a chain trains with batch statistics that this file can compute."""
    if not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return False
    units = [unit for link in links for unit in link.all_units]
    return all(
        type(unit.norm) is nn.BatchNorm2d and unit.norm.training for unit in units
    )


def run_chain(links: Sequence[Link], x: Tensor, *, native: bool) -> Tensor:
    """Map (N, C, H, W) through all links, with activation recomputation.

    Args:
        links: Layers in sequence.
        x: Input of the first link, (N, C, H, W).
        native: True if the C++ kernels may compute convolutions and norms.
    """
    units = [unit for link in links for unit in link.all_units]
    # Parameters are arguments, so that autograd asks for their gradients.
    parameters = [
        p
        for unit in units
        for p in (unit.conv.weight, unit.batch_norm.weight, unit.batch_norm.bias)
    ]
    return _Chain.apply(links, native, kernels.autocast(x), *parameters)


def _convolve(unit: Unit, x: Tensor, native: bool) -> Tensor:
    # (N, C, H, W) -> z (N, K, H', W'), channels-last, without norm and ReLU
    weight, geometry = unit.conv.weight.to(x.dtype), Geometry.of(unit.conv)
    kernel = kernel_of(x, weight, geometry, native)
    return kernel(weight, None, geometry)(x, None, False)


class _Forward:
    """This object runs the links forwards and keeps what the backward pass needs."""

    def __init__(self, native: bool) -> None:
        self.native = native
        self.saved: dict[int, Normed] = {}

    def unit(
        self, unit: Unit, x: Tensor, add: Tensor | None = None, *, relu: bool
    ) -> Tensor:
        # (N, C, H, W) -> z, y (N, K, H', W'); H' = ceil(H / stride)
        z = _convolve(unit, x, self.native)
        y, saved = norm_of(unit.batch_norm, z, self.native).train(z, add, relu)
        self.saved[id(unit)] = saved
        return y

    def link(self, link: Link, x: Tensor) -> Tensor:
        # The addend has the shape of the last unit's output: the link's input itself,
        # or its projection (N, C, H, W) -> (N, K, H', W').
        add = x if link.shortcut is not None else None
        if isinstance(link.shortcut, Unit):
            add = self.unit(link.shortcut, x, relu=False)
        *first, last = link.units
        y = x
        for unit in first:
            y = self.unit(unit, y, relu=True)
        y = self.unit(last, y, add, relu=link.relu)
        self.forget_outputs_of_images(link)
        return y

    def forget_outputs_of_images(self, link: Link) -> None:
        """Do not store z of a convolution that reads few channels of the link's input.

        It is cheap to recompute for the size of its output. That is the stem's first
        one: no map of HRNet is larger than its (N, 64, H/2, W/2), and the image is
        stored anyway. Units inside a link read what is not stored.
        """
        for unit in (link.units[0], link.shortcut):
            if isinstance(unit, Unit) and unit.conv.in_channels <= 4:
                self.saved[id(unit)] = self.saved[id(unit)]._replace(z=None)


class _Backward:
    """This object runs the links backwards and collects gradients of the parameters."""

    def __init__(self, saved: dict[int, Normed], native: bool) -> None:
        self.saved, self.native = saved, native
        self.grads: dict[int, tuple] = {}

    def again(self, unit: Unit, add: Tensor | None = None, *, relu: bool) -> Tensor:
        # z (N, K, H', W') -> ReLU(norm(z) + add), the same shape
        saved = self.saved[id(unit)]
        norm = norm_of(unit.batch_norm, saved.convolved, self.native)
        return norm.again(saved, add, relu)

    def convolve_again(self, link: Link, x: Tensor) -> None:
        """Recompute outputs that were not stored, of the units that read x."""
        # The shortcut is another unit only if it is a projection; else nothing is saved
        # under its id.
        for unit in (link.units[0], link.shortcut):
            saved = self.saved.get(id(unit))
            if isinstance(unit, Unit) and saved is not None and saved.z is None:
                z = _convolve(unit, x, self.native)
                self.saved[id(unit)] = saved._replace(z=z)

    def output(self, link: Link, x: Tensor) -> Tensor:
        """Recompute the link's output for its input x."""
        # Only the last norm and the shortcut are needed, no convolution: z is stored.
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
        """Return the gradient of the unit's input plus `add`; keep the parameters'.

        Args:
            unit: Convolution and norm.
            grad: Gradient of the norm's output, or of the ReLU after it if `out` is
                given, (N, K, H', W').
            x: Input of the unit, (N, C, H, W).
            out: Output of the ReLU, (N, K, H', W'); None if no ReLU follows.
            add: Gradient that reaches x by another way, (N, C, H, W), or None.
            needs_x: True if the gradient of x is needed; otherwise None is returned.
        """
        saved = self.saved.pop(id(unit))
        norm = norm_of(unit.batch_norm, saved.convolved, self.native)
        # gradient of y -> gradient of z, both (N, K, H', W')
        grad, *grad_norm = norm.backward(grad, saved, out)
        # gradient of z (N, K, H', W') -> gradient of x (N, C, H, W)
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
        """Return the gradient of the link's input x.

        Args:
            link: Layer to run backwards.
            grad: Gradient of the sum before the link's last ReLU.
            x: Input of the link, (N, C, H, W).
            needs_x: True if the gradient of x is needed; otherwise None is returned.
        """
        self.convolve_again(link, x)
        first, *rest = link.units
        # The input of each unit, in order; all but the first are recomputed.
        outs = [x, *(self.again(unit, relu=True) for unit in link.units[:-1])]
        # The shortcut's part of the gradient of x, (N, C, H, W); the first unit's part
        # is added to it below.
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
    """This autograd function runs links and stores their input and one `Normed` a unit.

    `_Chain.apply(links, native, x, *parameters)`: the parameters are those of
    `run_chain`, three for each unit.
    """

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
        # z (N, K, H', W'), mean (K,), inverse deviation (K,) of each unit
        saved = (Normed(*tensors[i : i + 3]) for i in range(0, len(tensors), 3))
        run = _Backward(
            {id(unit): each for unit, each in zip(units, saved, strict=True)},
            ctx.native,
        )
        # outputs[k] is the input of link k; none of them was stored but x.
        outputs = [x]
        for link in links:
            outputs.append(run.output(link, outputs[-1]))
        for k in reversed(range(len(links))):
            out = outputs.pop()
            if links[k].relu:
                # The ReLU's mask follows from its output.
                grad = torch.ops.aten.threshold_backward(grad, out, 0)
            needs_x = k > 0 or ctx.needs_input_grad[2]
            grad = run.link(links[k], grad, outputs[k], needs_x)
        grads = [g for unit in units for g in run.grads[id(unit)]]
        return None, None, grad, *grads
