"""The Winograd kernel computes what conv2d computes, wherever it is compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F

from hrnet_mm.errors import UserError
from hrnet_mm.fast import winograd

pytestmark = pytest.mark.skipif(
    not winograd.available(), reason='no C++ compiler on this machine'
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


@pytest.mark.parametrize('shape', SHAPES)
def test_transposed_weight_gives_the_gradient_of_the_input(shape):
    x, weight, _, grad = case(*shape)
    packed = winograd.transform_weight(weight, transposed=True)
    expected = torch.nn.grad.conv2d_input(
        x.shape, weight.double(), grad.double(), padding=1
    )
    assert_close(winograd.conv3x3(grad, packed), expected)


@pytest.mark.parametrize('shape', SHAPES)
def test_gradient_of_the_weight(shape):
    x, weight, _, grad = case(*shape)
    expected = torch.nn.grad.conv2d_weight(
        x.double(), weight.shape, grad.double(), padding=1
    )
    assert_close(winograd.conv3x3_weight_grad(x, grad), expected)


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
            outs.append(
                torch.cat([out.ravel(), winograd.conv3x3_weight_grad(x, add).ravel()])
            )
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


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    """A machine on which nothing has been compiled."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    winograd.load.cache_clear()
    yield tmp_path / 'hrnet_mm'
    winograd.load.cache_clear()


def test_no_compiler_is_said(no_library, monkeypatch):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    with pytest.raises(UserError, match='CXX is no-such-compiler, which is not there'):
        winograd.load()
    monkeypatch.delenv('CXX')
    monkeypatch.setenv('PATH', '')
    with pytest.raises(UserError, match='no C\\+\\+ compiler.*install g\\+\\+'):
        winograd.load()
    assert not winograd.available()


def test_a_compiler_that_refuses_is_quoted(no_library, monkeypatch):
    monkeypatch.setattr(winograd, 'OPTIONS', ['-fno-such-option'])
    with pytest.raises(UserError, match='no-such-option(.|\n)*leave out level'):
        winograd.load()
    assert not list(no_library.iterdir())


def test_a_cache_that_cannot_be_written_is_said(no_library):
    no_library.write_text('')
    with pytest.raises(UserError, match='set XDG_CACHE_HOME'):
        winograd.load()


def test_two_processes_compile_one_library(no_library):
    program = 'from hrnet_mm.fast import winograd; winograd.load()'
    run = [sys.executable, '-c', program]
    processes = [subprocess.Popen(run, env=os.environ) for _ in range(2)]
    assert [p.wait() for p in processes] == [0, 0]
    (library,) = no_library.iterdir()
    before = library.stat().st_mtime_ns
    x, weight, _, _ = case(1, 16, 16, 4, 4)
    out = winograd.conv3x3(x, winograd.transform_weight(weight))
    assert_close(out, reference(x, weight))
    assert library.stat().st_mtime_ns == before
