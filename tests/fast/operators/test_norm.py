"""The norm's kernel computes what BatchNorm computes, in training mode."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from hrnet_mm.fast.native import library
from hrnet_mm.fast.operators.norm import AccurateNorm, NativeNorm, PlainNorm, norm_of

needs_compiler = pytest.mark.skipif(
    not library.available(), reason='no C++ compiler on this machine'
)
NATIVE = pytest.param(NativeNorm, marks=needs_compiler)
KINDS = [PlainNorm, AccurateNorm, NATIVE]
# Channels beside multiples of 16, single pixels and channels, several chunks.
SHAPES = [
    (2, 1, 1, 1),
    (1, 3, 1, 2),
    (3, 18, 5, 7),
    (2, 33, 6, 4),
    (2, 64, 31, 29),
    (1, 256, 9, 8),
    (1, 720, 6, 5),
]


def batch_norm(channels):
    norm = nn.BatchNorm2d(channels).train()
    nn.init.uniform_(norm.weight, -1.5, 1.5)
    nn.init.uniform_(norm.bias, -1, 1)
    return norm


def maps(shape, count):
    order = torch.channels_last
    return [torch.randn(shape).to(memory_format=order) for _ in range(count)]


def reference(norm, z, add, relu, grad):
    """Output, gradients of z, weight and bias, running statistics; in float64."""
    norm = copy.deepcopy(norm).double()
    z = z.double().requires_grad_()
    y = norm(z) if add is None else norm(z) + add
    y = y.relu() if relu else y
    y.backward(grad.double())
    grads = (z.grad, norm.weight.grad, norm.bias.grad)
    return y.detach(), grads, (norm.running_mean, norm.running_var)


def assert_close(found, expected, tolerance=3e-6):
    for a, b in zip(found, expected):
        assert a.shape == b.shape
        assert a.dtype == torch.float32
        assert (a - b).abs().max() <= tolerance * max(b.abs().max(), 1)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('relu', [False, True])
@pytest.mark.parametrize('adds', [False, True])
def test_forward_and_again(kind, shape, relu, adds):
    z, grad, add = maps(shape, 3)
    norm, add = batch_norm(shape[1]), add if adds else None
    y, _, running = reference(norm, z, add, relu, grad)
    with torch.no_grad():
        found, saved = kind(norm).train(z, add, relu)
        again = kind(norm).again(saved, add, relu)
    assert_close([found, again], [y, y], 1e-5)
    assert_close([norm.running_mean, norm.running_var], running)
    assert norm.num_batches_tracked == 1
    assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('shape', SHAPES[2:])
@pytest.mark.parametrize('relu', [False, True])
def test_backward(kind, shape, relu):
    z, grad = maps(shape, 2)
    norm = batch_norm(shape[1])
    _, grads, _ = reference(norm, z, None, relu, grad)
    with torch.no_grad():
        out, saved = kind(norm).train(z, None, relu)
        found = kind(norm).backward(grad, saved, out if relu else None)
    assert_close(found, grads, 1e-5)


@pytest.mark.parametrize('kind', KINDS)
def test_a_mean_far_from_zero_costs_no_accuracy(kind):
    (z,) = maps((4, 20, 40, 40), 1)
    z += 300
    norm = nn.BatchNorm2d(20, momentum=1.0)
    with torch.no_grad():
        kind(norm).train(z, None, False)
    exact = z.double().var((0, 2, 3))
    assert (norm.running_var / exact - 1).abs().max() < 1e-5


@pytest.mark.parametrize('kind', [AccurateNorm, NATIVE])
def test_statistics_of_many_pixels(kind):
    (z,) = maps((16, 32, 64, 48), 1)
    norm = nn.BatchNorm2d(32)
    with torch.no_grad():
        _, saved = kind(norm).train(z, None, False)
    exact = z.double()
    assert (saved.mean - exact.mean((0, 2, 3))).abs().max() < 3e-7
    deviation = exact.std((0, 2, 3), unbiased=False)
    assert (saved.invstd * deviation - 1).abs().max() < 6e-6  # eps is 1e-5


@needs_compiler
def test_threads_do_not_change_a_bit():
    z, grad = maps((2, 36, 63, 65), 2)
    norm, before, outs = batch_norm(36), torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            with torch.no_grad():
                out, saved = NativeNorm(norm).train(z, None, True)
                grads = NativeNorm(norm).backward(grad, saved, out)
            outs.append(torch.cat([t.ravel() for t in (out, *grads)]))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(outs[0], outs[1])
    assert torch.equal(outs[0], outs[2])


@needs_compiler
def test_nan_stays():
    (z,) = maps((1, 18, 4, 4), 1)
    z[0, 3, 2, 2] = float('nan')
    with torch.no_grad():
        out, _ = NativeNorm(batch_norm(18)).train(z, None, True)
    assert out[0, 3].isnan().all()
    assert not out[0, :3].isnan().any()
    assert not out[0, 4:].isnan().any()


@pytest.mark.parametrize('kind', KINDS)
def test_one_value_per_channel_is_refused(kind):
    message = (
        r'more than one value per channel, got a map of \(1, 8, 1, 1\): use larger'
    )
    norm = batch_norm(8)
    with pytest.raises(ValueError, match=message):
        kind(norm).train(torch.randn(1, 8, 1, 1), None, False)
    assert norm.num_batches_tracked == 0


def test_the_kernel_is_for_float32_on_the_cpu():
    norm, z = batch_norm(4), torch.randn(1, 4, 2, 2)
    assert type(norm_of(norm, z, True)) is NativeNorm
    assert type(norm_of(norm, z, False)) is AccurateNorm
    assert type(norm_of(norm, z.bfloat16(), True)) is AccurateNorm
    assert type(norm_of(norm, z.to('meta'), True)) is PlainNorm
