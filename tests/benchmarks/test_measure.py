"""Bytes and operations of known functions."""

import gc
import weakref

import torch
from benchmark_case import MEGA
from torch import nn

from benchmarks import measure


def test_peak_is_what_is_held_at_one_time():
    def call():
        first = torch.empty(MEGA)  # 4 MB
        second = torch.empty(2 * MEGA)
        del first
        third = torch.empty(MEGA // 2)
        return second, third

    torch.empty(MEGA)  # freed before: not its own
    assert measure.peak_bytes(call, 'cpu') == 12 * MEGA


def test_saved_bytes_are_those_for_the_backward_pass():
    layer = nn.Linear(8, 4, bias=False)
    x = torch.randn(16, 8)

    def forward():
        product = layer(x)  # keeps x; the weight is a parameter
        copied = layer.weight * 2  # a scalar factor keeps nothing
        return (product.sin() + product.cos()).sum() + (x @ copied.t()).sum()

    kept = 16 * 8 + 16 * 4  # x once, product once for both functions
    assert measure.saved_bytes(forward, layer) == 4 * kept


def test_a_copy_of_a_parameter_is_counted():
    layer = nn.Linear(8, 4, bias=False)
    x = torch.randn(16, 8, requires_grad=True)

    def forward():
        return x @ (layer.weight * 2).t()

    assert measure.saved_bytes(forward, layer) == 4 * (16 * 8 + 4 * 8)


def test_counting_does_not_keep_the_graph():
    layer, outputs = nn.Linear(8, 4), []

    def forward():
        out = layer(torch.randn(16, 8)).relu()  # which keeps its own output
        outputs.append(weakref.ref(out))
        return out

    measure.saved_bytes(forward, layer)
    gc.collect()
    assert outputs[0]() is None


def test_operations_are_two_for_a_multiply_add():
    layer = nn.Conv2d(3, 4, 3, padding=1, bias=False).to('meta')
    once = 2 * (8 * 8) * (3 * 4 * 9)
    assert measure.operations(layer, (1, 3, 8, 8), training=False) == once
    # The image needs no gradient, the weight does.
    assert measure.operations(layer, (1, 3, 8, 8), training=True) == 2 * once


def test_short_calls_are_repeated():
    assert measure.calls_of(0.02) == 5
    assert measure.calls_of(3.0) == 1
