"""The Winograd kernel computes what conv2d computes, wherever it is compiled."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from hrnet_mm.fast.native import library, winograd

pytestmark = pytest.mark.skipif(
    not library.available(), reason='no C++ compiler on this machine'
)

# N, C, K, H, W: odd sizes, single rows and pixels, channels beside multiples of 16,
# fewer tiles than a panel has, and several blocks of tiles.
SHAPES = [
    (1, 1, 1, 1, 1),
    (2, 3, 5, 1, 9),
    (3, 16, 16, 9, 1),
    (1, 18, 36, 5, 7),
    (2, 40, 72, 6, 4),
    (1, 32, 33, 17, 22),
    (2, 48, 48, 8, 11),
    (16, 64, 64, 3, 3),
    (1, 256, 256, 8, 12),
]


@pytest.fixture
def threads():
    """Set the number of threads for one test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def case(n, c, k, h, w):
    """Input, weight, bias and addend."""
    x = torch.randn(n, c, h, w).to(memory_format=torch.channels_last)
    return x, torch.randn(k, c, 3, 3), torch.randn(k), torch.randn(n, k, h, w)


def reference(x, weight, bias=None, add=None, relu=False):
    """The same in float64."""
    bias = None if bias is None else bias.double()
    out = F.conv2d(x.double(), weight.double(), bias, padding=1)
    out = out if add is None else out + add
    return out.relu() if relu else out


def assert_close(actual, expected):
    error = (actual - expected).abs().max()
    assert actual.shape == expected.shape
    assert error <= 2e-6 * expected.abs().max()


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('relu', [False, True])
def test_equals_conv2d(shape, relu):
    x, weight, bias, add = case(*shape)
    packed = winograd.transform_weight(weight)
    for extra in [(None, None), (bias, None), (None, add), (bias, add)]:
        out = winograd.conv3x3(x, packed, *extra, relu=relu)
        assert out.is_contiguous(memory_format=torch.channels_last)
        assert_close(out, reference(x, weight, *extra, relu))


def scaled_case(n, c, k, h, w, channels_last):
    """Input, weight, its scale, gradient of the output."""
    x, weight, scale, grad = case(n, c, k, h, w)
    if channels_last:
        weight = weight.to(memory_format=torch.channels_last)
    return x, weight, scale, grad


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('channels_last', [False, True])
def test_a_scale_multiplies_the_weight(shape, channels_last):
    x, weight, scale, _ = scaled_case(*shape, channels_last)
    out = winograd.conv3x3(x, winograd.transform_weight(weight, scale))
    assert_close(out, reference(x, weight * scale[:, None, None, None]))


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('channels_last', [False, True])
def test_gradients_of_input_weight_and_scale(shape, channels_last):
    x, weight, scale, grad = scaled_case(*shape, channels_last)
    wide = [t.double().requires_grad_() for t in (x, weight, scale)]
    out = F.conv2d(wide[0], wide[1] * wide[2][:, None, None, None], padding=1)
    expected = torch.autograd.grad(out, wide, grad.double())
    packed = winograd.transform_weight(weight, scale, transposed=True)
    assert_close(winograd.conv3x3(grad, packed), expected[0])
    found = winograd.conv3x3_weight_grad(x, grad, weight, scale)
    assert_close(found[0], expected[1])
    assert_close(found[1], expected[2])
    assert found[0].stride() == torch.empty_like(weight).stride()


@pytest.mark.parametrize('shape', SHAPES)
def test_gradients_without_a_scale(shape):
    x, weight, _, grad = case(*shape)
    expected = torch.nn.grad.conv2d_weight(
        x.double(), weight.shape, grad.double(), padding=1
    )
    found, nothing = winograd.conv3x3_weight_grad(x, grad, weight)
    assert_close(found, expected)
    assert nothing is None


def test_a_weight_with_gaps_in_memory():
    x, weight, scale, grad = case(2, 20, 24, 6, 7)
    gaps = torch.stack([weight, weight], dim=-1)[..., 0]
    expected = winograd.conv3x3_weight_grad(x, grad, weight, scale)
    for a, b in zip(winograd.conv3x3_weight_grad(x, grad, gaps, scale), expected):
        assert torch.equal(a, b)


def test_memory_formats_do_not_matter():
    x, weight, bias, add = case(2, 20, 24, 6, 7)
    expected = winograd.conv3x3(x, winograd.transform_weight(weight), bias, add)
    packed = winograd.transform_weight(weight.to(memory_format=torch.channels_last))
    wide = torch.stack([add, add], dim=-1)[..., 0]
    assert torch.equal(winograd.conv3x3(x.contiguous(), packed, bias, wide), expected)


def test_threads_do_not_change_a_bit(threads):
    for shape in SHAPES:
        x, weight, bias, add = case(*shape)
        outs = []
        for count in (1, 2, 3):
            threads(count)
            packed = winograd.transform_weight(weight)
            out = winograd.conv3x3(x, packed, bias, add, relu=True)
            grads = winograd.conv3x3_weight_grad(x, add, weight, bias)
            outs.append(torch.cat([t.ravel() for t in (out, *grads)]))
        assert torch.equal(outs[0], outs[1])
        assert torch.equal(outs[0], outs[2])


def test_nan_and_infinity_stay_and_reach_only_their_tiles():
    x, weight, _, _ = case(1, 20, 18, 8, 8)
    packed = winograd.transform_weight(weight)
    for value, relu in [(float('nan'), True), (float('inf'), False)]:
        x[0, 3, 0, 0] = 0
        clean = winograd.conv3x3(x, packed, relu=relu)
        x[0, 3, 0, 0] = value
        out = winograd.conv3x3(x, packed, relu=relu)
        assert not out[0, :, :2, :2].isfinite().any()
        assert torch.equal(out[:, :, 4:, 4:], clean[:, :, 4:, 4:])


def test_what_lies_beside_a_map_is_not_read():
    """Channels are read 16 at a time; the next pixel's must not come along."""
    x, weight, _, _ = case(1, 18, 16, 2, 6)
    wide = torch.full((1, 2, 8, 18), float('nan'))
    wide[:, :, 1:7] = x.permute(0, 2, 3, 1)
    rows = wide[:, :1, 1:7].permute(0, 3, 1, 2)
    expected = reference(x[:, :, :1], weight)
    assert_close(winograd.conv3x3(rows, winograd.transform_weight(weight)), expected)


def test_wrong_arguments_are_named():
    x, weight, bias, add = case(1, 8, 4, 5, 5)
    packed = winograd.transform_weight(weight)
    with pytest.raises(ValueError, match=r'x is \(1, 7, 5, 5\) torch.float32 on cpu'):
        winograd.conv3x3(x[:, :7], packed)
    with pytest.raises(ValueError, match='torch.float64 on cpu, expected'):
        winograd.conv3x3(x.double(), packed)
    with pytest.raises(ValueError, match='add is'):
        winograd.conv3x3(x, packed, bias, add[:, :3])
