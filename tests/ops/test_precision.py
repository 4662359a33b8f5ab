"""A GPU adds gradients in any order, and that is said."""

from __future__ import annotations

import pytest
import torch

from hrnet_mm.ops import precision

pytest.importorskip('mmcv')


class OnGPU:
    is_cuda = True


def test_a_gpu_adds_gradients_in_any_order_and_says_so():
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with (
            pytest.warns(UserWarning, match='equal up to rounding, not bit by bit'),
            precision.in_any_order(OnGPU()),
        ):
            assert not torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        with precision.in_any_order(torch.zeros(1)):
            assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
