"""A convolution, norm, sum and ReLU run here in one pass over memory.

A norm with fixed statistics is an affine map of each channel, so it is folded into the
convolution's weight and bias.
"""

from __future__ import annotations

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
    """A `Unit` is a convolution and the norm after it, modules of the readable network.

    Attributes:
        conv: Convolution with a weight (K, C, h, w).
        norm: BatchNorm of K channels, or None.
    """

    conv: nn.Conv2d
    norm: _BatchNorm | None = None

    @classmethod
    def of(cls, conv: nn.Module, norm: nn.Module | None = None) -> Unit:
        """Return a unit of layers for which `can_fold` is True or will be asked."""
        return cls(cast(nn.Conv2d, conv), cast('_BatchNorm | None', norm))

    @property
    def batch_norm(self) -> _BatchNorm:
        """Return the norm of a unit that has one."""
        assert self.norm is not None
        return self.norm

    @property
    def tensors(self) -> list[Tensor | None]:
        """Return all tensors that the unit's output depends on, except its input."""
        norm = self.norm
        if norm is None:
            return [self.conv.weight, self.conv.bias]
        # The weight is (K, C, h, w), all others are (K,); a bias may be None.
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
        """Tell whether the norm is in training mode and so cannot be folded."""
        return self.norm is not None and self.norm.training

    def invstd(self) -> Tensor:
        """Return the inverse of the running standard deviation, (K,)."""
        _, variance = running_statistics(self.batch_norm)
        return torch.rsqrt(variance + self.batch_norm.eps)

    def scale(self) -> Tensor:
        """Return the norm's factor of each channel, (K,)."""
        # weight / sqrt(variance + eps)
        return self.batch_norm.weight * self.invstd()

    def mean(self) -> Tensor:
        """Return the running mean of the convolution's output without bias, (K,)."""
        mean, _ = running_statistics(self.batch_norm)
        bias = self.conv.bias
        return mean if bias is None else mean - bias

    def shift(self, scale: Tensor) -> Tensor:
        """Return what the norm adds to each channel after scaling by `scale`, (K,)."""
        return self.batch_norm.bias - self.mean() * scale

    def fold(self) -> tuple[Tensor, Tensor | None]:
        """Return weight (K, C, h, w) and bias (K,) of the folded convolution.

        It equals the unit's convolution followed by its norm.
        """
        if self.norm is None:
            return self.conv.weight, self.conv.bias
        # weight (K, C, h, w) * scale (K, 1, 1, 1); bias (K,)
        scale = self.scale()
        return kernels.multiply(self.conv.weight, scale), self.shift(scale)


def can_fold(conv: nn.Module, norm: nn.Module | None = None) -> bool:
    """Tell whether a norm can be folded into a convolution.

    The convolution must be a Conv2d with numeric zero padding; the norm, if there is
    one, a BatchNorm with weight, bias, running statistics and momentum.
    """
    plain = (
        type(conv) is nn.Conv2d
        and conv.padding_mode == 'zeros'
        and not isinstance(conv.padding, str)
    )
    if not isinstance(norm, _BatchNorm):
        return plain and norm is None
    tracked = norm.running_mean is not None and norm.momentum is not None
    return plain and norm.affine and tracked


class FoldedConv:
    """A `FoldedConv` runs units that read the same map as one convolution.

    The norms of the units are folded in. Without gradients the folded weights are
    cached until the address or version of any of the units' tensors changes. With
    gradients (one unit, with frozen statistics) they are folded in each call, and only
    the input and, for a ReLU, the output are stored.

    Args:
        *units: Units of equal kernel size, stride, padding, dilation and groups. Their
            K output channels follow each other in the result.
        native: True if the Winograd kernel may compute the convolution.
    """

    def __init__(self, *units: Unit, native: bool = False) -> None:
        self.units = units
        self.geometry = Geometry.of(units[0].conv)
        self.native = native
        self._packed: dict[tuple, PlainConv] = {}
        self._seen: list[tuple] = []

    def __getstate__(self) -> dict:
        """Return the state without cached weights; copies make their own."""
        return {**self.__dict__, '_packed': {}, '_seen': []}

    def __call__(
        self, x: Tensor, add: Tensor | None = None, *, relu: bool = False
    ) -> Tensor:
        """Map x (N, C, H, W) to ReLU(norm(conv(x)) + add), (N, K, H', W').

        Args:
            x: Map (N, C, H, W), of any memory format.
            add: Addend (N, K, H', W'), or None.
            relu: True if a ReLU ends the operator.

        Returns:
            Map (N, K, H', W'), K the sum over all units; channels-last unless
            torch.compile decides.
        """
        if torch.compiler.is_compiling():
            return self._plain(x, add, relu)
        if self._needs_grad(x, add):
            x = kernels.autocast(x)
            (unit,) = self.units
            conv, norm = unit
            affine = (None, None) if norm is None else (norm.weight, norm.bias)
            return _FoldedConv.apply(
                self, relu, x, add, conv.weight, conv.bias, *affine
            )
        x = kernels.autocast(x)
        return self.packed(x)(x, add, relu)

    def _plain(self, x: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        # (N, C, H, W) -> (N, K, H', W'); torch.compile fuses sum and ReLU
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
        """Return weight and bias of all units together, in the given type.

        Returns:
            Weight (K, C, h, w) and bias (K,) or None, K the sum over all units.
        """
        # (K_1, C, h, w), (K_2, C, h, w), ... -> (K_1 + K_2 + ..., C, h, w)
        weights, biases = zip(*(unit.fold() for unit in self.units), strict=True)
        weight = torch.cat(weights) if len(weights) > 1 else weights[0]
        if biases[0] is None:
            return weight.to(dtype), None
        bias = torch.cat(biases) if len(biases) > 1 else biases[0]
        return weight.to(dtype), bias.to(dtype)

    def packed(self, x: Tensor) -> PlainConv:
        """Return the convolution for maps like x, from the cache if it is still valid.

        Args:
            x: Map (N, C, H, W), whose type, device and size choose the kernel.
        """
        # A write in place changes a tensor's version, a new tensor has another address.
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


class _FoldedConv(torch.autograd.Function):
    """This autograd function is `FoldedConv` with one unit and constant statistics."""

    @staticmethod
    def forward(
        ctx, folded: FoldedConv, relu, x, add, weight, bias, norm_weight, norm_bias
    ):
        unit, geometry = folded.units[0], folded.geometry
        kernel = kernel_of(x, weight, geometry, folded.native)
        # weight (K, C, h, w); scale and shift (K,) in the type of norm and map
        if unit.norm is None:
            scale = None
            conv = kernel(*folded.fold(x.dtype), geometry)
        else:
            scale = unit.scale()
            shift = unit.shift(scale).to(x.dtype)
            conv = kernel.scaled(weight, scale, shift, geometry)
        # (N, C, H, W) -> (N, K, H', W'), channels-last
        out = conv(x, add, relu)
        # `out` is stored for the ReLU's mask; the map between norm and sum is not.
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
        # `needs` has the order of forward's arguments: folded, relu, x, add, weight,
        # bias, norm_weight, norm_bias.
        needs = ctx.needs_input_grad
        # (N, K, H', W') -> gradients of x (N, C, H, W), weight (K, C, h, w), scale (K,)
        # and shift (K,)
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
        # The sum passes its gradient on, (N, K, H', W').
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
    """Return the gradients of weight, bias, norm weight and norm bias.

    They follow from those of weight * scale and shift by the chain rule, where
    scale = norm weight * rsqrt(variance + eps) and shift = norm bias - mean * scale.
    """
    if scale is None:
        return grads.weight, grads.bias, None, None
    assert grads.bias is not None  # there is a norm
    # all (K,) but the weight's gradient, (K, C, h, w)
    grad_shift = grads.bias.to(scale.dtype)
    grad_bias = None if unit.conv.bias is None else grad_shift * scale
    if grads.scale is None:
        return None, grad_bias, None, grad_shift
    grad_scale = grads.scale - unit.mean() * grad_shift
    return grads.weight, grad_bias, grad_scale * unit.invstd(), grad_shift
