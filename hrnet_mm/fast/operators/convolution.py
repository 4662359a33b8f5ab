"""A convolution with what follows it, norm, sum and ReLU, in one pass over memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm

from . import kernels
from .gradients import Gradients, Wanted, convolution_backward
from .kernels import Geometry, PlainConv, kernel_of
from .norm import running_statistics


class Unit(NamedTuple):
    """A convolution and the norm after it, modules of the readable network."""

    conv: nn.Conv2d
    norm: _BatchNorm | None = None

    @classmethod
    def of(cls, conv: nn.Module, norm: nn.Module | None = None) -> Unit:
        """A unit of what `can_fold` says yes to, or will be asked about."""
        return cls(cast(nn.Conv2d, conv), cast('_BatchNorm | None', norm))

    @property
    def batch_norm(self) -> _BatchNorm:
        """The norm of a unit that has one."""
        assert self.norm is not None
        return self.norm

    @property
    def tensors(self) -> list[Tensor | None]:
        """All that the unit's output depends on, besides its input."""
        norm = self.norm
        if norm is None:
            return [self.conv.weight, self.conv.bias]
        return [
            self.conv.weight,
            self.conv.bias,
            norm.weight,
            norm.bias,
            norm.running_mean,
            norm.running_var,
        ]

    @property
    def uses_batch_statistics(self) -> bool:
        """Whether the norm is in training mode: then it cannot be folded."""
        return self.norm is not None and self.norm.training

    def invstd(self) -> Tensor:
        """Inverse of the running standard deviation, (K,)."""
        _, variance = running_statistics(self.batch_norm)
        return torch.rsqrt(variance + self.batch_norm.eps)

    def scale(self) -> Tensor:
        """What the norm multiplies each channel by, (K,)."""
        return self.batch_norm.weight * self.invstd()

    def mean(self) -> Tensor:
        """The running mean of the convolution's output without its bias, (K,)."""
        mean, _ = running_statistics(self.batch_norm)
        bias = self.conv.bias
        return mean if bias is None else mean - bias

    def shift(self, scale: Tensor) -> Tensor:
        """What the norm adds to each channel, (K,), where it multiplies by `scale`."""
        return self.batch_norm.bias - self.mean() * scale

    def fold(self) -> tuple[Tensor, Tensor | None]:
        """Weight (K, C, h, w) and bias (K,) of the convolution that does both."""
        if self.norm is None:
            return self.conv.weight, self.conv.bias
        scale = self.scale()
        return kernels.multiply(self.conv.weight, scale), self.shift(scale)


def can_fold(conv: nn.Module, norm: nn.Module | None = None) -> bool:
    """Whether these are a plain convolution and a BatchNorm with all it can have."""
    plain = (
        type(conv) is nn.Conv2d
        and conv.padding_mode == 'zeros'
        and not isinstance(conv.padding, str)
    )
    if norm is None:
        return plain
    return plain and isinstance(norm, _BatchNorm) and norm.affine and _tracks(norm)


def _tracks(norm: _BatchNorm) -> bool:
    return norm.running_mean is not None and norm.momentum is not None


class FoldedConv:
    """Units that read the same map, as one convolution with their norms folded in.

    Without gradients, the folded weights are kept and made anew when any tensor of the
    units has changed, by whatever way. With gradients (one unit, of frozen statistics)
    they are made in each call, and nothing but the input and the output is stored.
    """

    def __init__(self, *units: Unit, native: bool = False) -> None:
        self.units = units
        self.geometry = Geometry.of(units[0].conv)
        self.native = native
        self._packed: dict[tuple, PlainConv] = {}
        self._seen: list[tuple] = []

    def __getstate__(self) -> dict:
        """Copies make their own packed weights."""
        return {**self.__dict__, '_packed': {}, '_seen': []}

    def __call__(
        self, x: Tensor, add: Tensor | None = None, *, relu: bool = False
    ) -> Tensor:
        """Map x (N, C, H, W) to ReLU(norm(conv(x)) + add), (N, K, H', W')."""
        if torch.compiler.is_compiling():
            return self._plain(x, add, relu)
        if self._needs_grad(x, add):
            x = kernels.autocast(x)
            (unit,) = self.units
            return _FoldedConv.apply(
                self, relu, x, add, unit.conv.weight, unit.conv.bias, *_affine(unit)
            )
        x = kernels.autocast(x)
        return self.packed(x)(x, add, relu)

    def _plain(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        weight, bias = self.fold(x.dtype)
        out = F.conv2d(x, weight, bias, *self.geometry)
        out = out if add is None else out + add
        return F.relu(out) if relu else out

    def _needs_grad(self, x: Tensor, add: Tensor | None) -> bool:
        if not torch.is_grad_enabled():
            return False
        inputs = [x, add, *(tensor for unit in self.units for tensor in unit.tensors)]
        return any(t is not None and t.requires_grad for t in inputs)

    def fold(self, dtype: torch.dtype) -> tuple[Tensor, Tensor | None]:
        """Weight and bias of all units together."""
        weights, biases = zip(*(unit.fold() for unit in self.units))
        weight = torch.cat(weights) if len(weights) > 1 else weights[0]
        if biases[0] is None:
            return weight.to(dtype), None
        bias = torch.cat(biases) if len(biases) > 1 else biases[0]
        return weight.to(dtype), bias.to(dtype)

    def packed(self, x: Tensor) -> PlainConv:
        """What convolves such maps, with the folded weights; made where it is not."""
        tensors = [t for unit in self.units for t in unit.tensors if t is not None]
        seen = [(t.data_ptr(), t._version) for t in tensors]
        if seen != self._seen:
            self._seen, self._packed = seen, {}
        weight = self.units[0].conv.weight
        kernel = kernel_of(x, weight, self.geometry, self.native)
        if (kernel, x.dtype) not in self._packed:
            with torch.no_grad():
                folded = kernel(*self.fold(x.dtype), self.geometry)
            self._packed[kernel, x.dtype] = folded
        return self._packed[kernel, x.dtype]


def _affine(unit: Unit) -> Sequence[Tensor | None]:
    return (None, None) if unit.norm is None else (unit.norm.weight, unit.norm.bias)


class _FoldedConv(torch.autograd.Function):
    """Gradients of `FoldedConv` with one unit; the statistics are constants."""

    @staticmethod
    def forward(
        ctx, folded: FoldedConv, relu, x, add, weight, bias, norm_weight, norm_bias
    ):
        unit, geometry = folded.units[0], folded.geometry
        kernel = kernel_of(x, weight, geometry, folded.native)
        if unit.norm is None:
            scale = None
            conv = kernel(*folded.fold(x.dtype), geometry)
        else:
            scale = unit.scale()
            shift = unit.shift(scale).to(x.dtype)
            conv = kernel.scaled(weight, scale, shift, geometry)
        out = conv(x, add, relu)
        ctx.folded, ctx.relu = folded, relu
        ctx.add_dtype = None if add is None else add.dtype
        ctx.save_for_backward(x, weight, scale, bias, out if relu else None)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        x, weight, scale, bias, out = ctx.saved_tensors
        if ctx.relu:
            grad = torch.ops.aten.threshold_backward(grad, out, 0)
        needs = ctx.needs_input_grad
        grads = convolution_backward(
            grad,
            x,
            weight,
            scale,
            ctx.folded.geometry,
            Wanted(
                x=needs[2],
                weight=needs[4] or (scale is not None and needs[6]),
                bias=scale is not None or bias is not None,
            ),
            native=ctx.folded.native,
        )
        grad_add = grad.to(ctx.add_dtype) if needs[3] else None
        return (
            None,
            None,
            grads.x,
            grad_add,
            *_unfold(ctx.folded.units[0], scale, grads),
        )


def _unfold(
    unit: Unit, scale: Tensor | None, grads: Gradients
) -> tuple[Tensor | None, ...]:
    """Gradients of weight, bias, norm weight and norm bias."""
    if scale is None:
        return grads.weight, grads.bias, None, None
    assert grads.bias is not None  # there is a norm
    grad_shift = grads.bias.to(scale.dtype)
    grad_bias = None if unit.conv.bias is None else grad_shift * scale
    if grads.scale is None:
        return None, grad_bias, None, grad_shift
    grad_scale = grads.scale - unit.mean() * grad_shift
    return grads.weight, grad_bias, grad_scale * unit.invstd(), grad_shift
