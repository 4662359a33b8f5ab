"""Operations and activations counted by hand."""

import torch
from counting_case import MMCV, MODELSUMMARY, runner
from torch import nn

from hrnet_mm.complexity.counting import activations, count


def test_convolution():
    run = runner(nn.Conv2d(3, 4, 3, padding=1), 2, 3, 8, 8)
    once = 2 * 8 * 8 * 3 * 4 * 9  # images, pixels, channels in and out, kernel
    assert count(run) == count(run, MODELSUMMARY) == once
    assert count(run, MMCV) == once + 2 * 4 * 8 * 8  # bias
    assert activations(run) == 2 * 4 * 8 * 8


def test_transposed_convolution_is_counted_at_inputs_but_by_the_tools_at_outputs():
    run = runner(
        nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1, bias=False), 1, 4, 8, 8
    )
    assert count(run) == 8 * 8 * 4 * 2 * 16
    assert count(run, MODELSUMMARY) == count(run, MMCV) == 16 * 16 * 4 * 2 * 16
    assert activations(run) == 2 * 16 * 16


def test_linear():
    assert count(runner(nn.Linear(10, 3, bias=False), 5, 10), MODELSUMMARY) == 150
    run = runner(nn.Linear(10, 3), 5, 10)
    assert count(run) == count(run, MODELSUMMARY) == 150
    assert count(run, MMCV) == 150 + 15
    assert activations(run) == 15


def test_matrix_products_count_in_true_units_alone():
    a, b = torch.empty(2, 3, 4, device='meta'), torch.empty(2, 4, 5, device='meta')
    assert count(lambda: a @ b) == 2 * 3 * 4 * 5
    assert count(lambda: a @ b, MODELSUMMARY) == 0
