"""BatchNorm with the batch's statistics is computed with the sum and ReLU after it.

torch's operators do it, or the kernel of `native/norm.cpp`. With the kernel the sum,
the ReLU and its mask in the backward pass cost no pass over memory of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from ..native.library import call


class Normed(NamedTuple):
    """A `Normed` holds what the backward pass needs of a convolution and its norm.

    Attributes:
        z: Output of the convolution, (N, K, H, W); None if the convolution is
            recomputed as well.
        mean: Mean of z, (K,).
        invstd: Inverse standard deviation of z, 1 / sqrt(variance + eps), (K,).
    """

    z: Tensor | None
    mean: Tensor
    invstd: Tensor

    @property
    def convolved(self) -> Tensor:
        """Return z, which is stored or has been computed again."""
        assert self.z is not None
        return self.z


def running_statistics(norm: _BatchNorm) -> tuple[Tensor, Tensor]:
    """Return running mean and variance, (K,), of a norm that has them (`can_fold`)."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    return norm.running_mean, norm.running_var


class PlainNorm:
    """A `PlainNorm` computes a BatchNorm by torch's operators.

    Args:
        norm: BatchNorm in training mode.
    """

    def __init__(self, norm: _BatchNorm) -> None:
        self.norm = norm

    def train(self, z: Tensor, add: Tensor | None, relu: bool) -> tuple[Tensor, Normed]:
        """Return ReLU(norm(z) + add) and what is stored; update running statistics.

        Args:
            z: Output of the convolution, (N, K, H, W).
            add: Addend of the same shape, or None.
            relu: True if a ReLU follows.

        Raises:
            ValueError: Each channel has only one value, which has no deviation.
        """
        if z.numel() <= z.shape[1]:
            raise ValueError(
                'BatchNorm with the statistics of the batch needs more than one value '
                f'per channel, got a map of {tuple(z.shape)}: use larger images or '
                'batches, or norm_eval=True'
            )
        if self.norm.num_batches_tracked is not None:
            self.norm.num_batches_tracked.add_(1)
        y, mean, invstd = self.forward(z, add, relu)
        return y, Normed(z, mean, invstd)

    def forward(
        self, z: Tensor, add: Tensor | None, relu: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return ReLU(norm(z) + add), mean (K,) and inverse deviation (K,)."""
        norm = self.norm
        y, mean, invstd = torch.ops.aten.native_batch_norm(
            z,
            norm.weight,
            norm.bias,
            norm.running_mean,
            norm.running_var,
            True,
            norm.momentum,
            norm.eps,
        )
        return self.finish(y, add, relu), mean, invstd

    def again(self, saved: Normed, add: Tensor | None, relu: bool) -> Tensor:
        """Recompute ReLU(norm(z) + add) from what is stored."""
        norm = self.norm
        # (K,): torch's operator takes a variance and adds eps itself.
        variance = saved.invstd.square().reciprocal_().sub_(norm.eps)
        y, _, _ = torch.ops.aten.native_batch_norm(
            saved.z,
            norm.weight,
            norm.bias,
            saved.mean,
            variance,
            False,
            0.0,
            norm.eps,
        )
        return self.finish(y, add, relu)

    @staticmethod
    def finish(y: Tensor, add: Tensor | None, relu: bool) -> Tensor:
        """Return ReLU(y + add), computed in place."""
        y = y if add is None else y.add_(add)
        return y.relu_() if relu else y

    def backward(
        self, grad: Tensor, saved: Normed, out: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of z, of the norm's weight and of its bias.

        Args:
            grad: Gradient of the output, (N, K, H, W).
            saved: Result of `train`.
            out: Output of the ReLU if one follows the norm directly, without a sum;
                else None.
        """
        norm = self.norm
        if out is not None:
            grad = torch.ops.aten.threshold_backward(grad, out, 0)
        return torch.ops.aten.native_batch_norm_backward(
            grad,
            saved.z,
            norm.weight,
            norm.running_mean,
            norm.running_var,
            saved.mean,
            saved.invstd,
            True,
            norm.eps,
            [True, True, True],
        )


class AccurateNorm(PlainNorm):
    """An `AccurateNorm` avoids the rounding errors of torch's statistics.

    On channels-last maps on a CPU torch's BatchNorm sums all pixels one after another
    in float32, which leaves errors of 1e-5 in mean and deviation.
    """

    def forward(
        self, z: Tensor, add: Tensor | None, relu: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        norm, count = self.norm, z[:, 0].numel()
        mean, variance = self.statistics(z)
        running_mean, running_var = running_statistics(norm)
        assert norm.momentum is not None  # see can_fold
        # The running variance is the unbiased one, as in torch; all are (K,).
        running_mean.lerp_(mean, norm.momentum)
        running_var.lerp_(variance * (count / (count - 1)), norm.momentum)
        saved = Normed(z, mean, torch.rsqrt(variance + norm.eps))
        return self.again(saved, add, relu), saved.mean, saved.invstd

    def statistics(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and biased variance, (K,) in the norm's type."""
        # (N, K, H, W) -> (K,)
        dtype, pixels = self.norm.weight.dtype, (0, 2, 3)
        mean = z.mean(pixels, dtype=dtype)
        return mean, (z - mean[:, None, None]).square_().mean(pixels, dtype=dtype)


class NativeNorm(AccurateNorm):
    """A `NativeNorm` uses the C++ kernel, for float32 on the CPU."""

    def statistics(self, z: Tensor) -> tuple[Tensor, Tensor]:
        # The kernel sees z as (N * H * W, K), which needs channels-last order.
        mean, variance = (torch.empty_like(self.norm.weight) for _ in range(2))
        call('norm_statistics', z, mean, variance, z.numel(), z.shape[1])
        return mean, variance

    def affine(self, saved: Normed) -> tuple[Tensor, Tensor]:
        """Return the norm's scale and shift, (K,) each: norm(z) = scale * z + shift."""
        scale = self.norm.weight * saved.invstd
        return scale, self.norm.bias - saved.mean * scale

    def again(self, saved: Normed, add: Tensor | None, relu: bool) -> Tensor:
        z, out = saved.convolved, torch.empty_like(saved.convolved)
        if add is not None:
            add = add.to(z.dtype).contiguous(memory_format=torch.channels_last)
        scale, shift = self.affine(saved)
        call('norm_apply', z, scale, shift, add, relu, out, z.numel(), z.shape[1])
        return out

    def backward(
        self, grad: Tensor, saved: Normed, out: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        z, mean, invstd = saved.convolved, saved.mean, saved.invstd
        size = (z.numel(), z.shape[1])
        count = z[:, 0].numel()
        grad = grad.to(z.dtype).contiguous(memory_format=torch.channels_last)
        relu, (scale, shift) = out is not None, self.affine(saved)
        sums, products = torch.empty_like(mean), torch.empty_like(mean)
        common = (grad, z, scale, shift, mean)
        # sums and products: over all pixels, (K,); then grad_z, (N, K, H, W)
        call('norm_gradient_sums', *common, relu, sums, products, *size)
        slope, grad_z = products * invstd.square() / count, torch.empty_like(z)
        call('norm_gradient', *common, sums / count, slope, relu, grad_z, *size)
        return grad_z, products * invstd, sums


def norm_of(norm: _BatchNorm, z: Tensor, native: bool) -> PlainNorm:
    """Choose the object that computes the norm of a map.

    Args:
        norm: BatchNorm in training mode.
        z: Map (N, K, H, W), channels-last if the kernel computes it.
        native: True if the C++ kernel may compute it.
    """
    if z.device.type != 'cpu':
        return PlainNorm(norm)
    fits = z.dtype == norm.weight.dtype == torch.float32
    return NativeNorm(norm) if native and fits else AccurateNorm(norm)
