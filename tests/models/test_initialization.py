"""The default initial weights."""

import pytest

from hrnet_mm.models import HRNet

ARCH = 'w18_small_v1'


def test_default_initialization():
    model = HRNet(ARCH)
    model.init_weights()
    std = model.conv2.weight.std().item()
    assert std == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)  # Kaiming, fan out
    assert model.bn1.weight.min() == 1
