"""hrnet_mm.ops beside what the compiled operators gave."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from extension_case import NEAR, align
from operator_cases import CASES, GOLDEN, normal

from hrnet_mm.ops import extension

pytest.importorskip('mmcv')


@pytest.fixture(scope='module')
def golden():
    with np.load(GOLDEN) as file:
        return dict(file)


@pytest.mark.parametrize('name', CASES)
def test_equal_to_the_compiled_operators(golden, name):
    if name == 'detector':
        pytest.importorskip('mmdet')
    found = [tensor.detach() for tensor in CASES[name]()]
    expected = [golden[f'{name}/{i}'] for i in range(len(found))]
    assert f'{name}/{len(found)}' not in golden
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, torch.from_numpy(theirs), **NEAR)


def test_empty_inputs():
    none = torch.zeros(0, 4)
    assert extension.nms(none, none[:, 0], 0.5, 0).shape == (0,)
    dets = torch.zeros(0, 5)
    assert extension.softnms(none, none[:, 0], dets, 0.5, 0.5, 0, 2, 0).shape == (0,)
    assert extension.nms_match(dets, 0.5) == []
    output, gradient = align(normal(0, 1, 5, 24, 24), torch.zeros(0, 5))
    assert output.shape == (0, 5, 7, 7)
    assert not gradient.any()
