"""Streams are computed at the same time where that is faster."""

from __future__ import annotations

import pytest
from fast_case import ARCH, LEVELS

from hrnet_mm.fast import optimize
from hrnet_mm.fast.modules.fast_hrnet import FastMultiResolutionModule
from hrnet_mm.models import HRNet


@pytest.mark.parametrize('level', LEVELS)
@pytest.mark.parametrize('compile', [False, True])
def test_level_max_computes_streams_at_the_same_time(level, compile):
    fast = optimize(HRNet(ARCH), inference=True, level=level, compile=compile)
    modules = [m for m in fast.modules() if isinstance(m, FastMultiResolutionModule)]
    assert len(modules) == 3
    expected = level == 'max' and not compile
    assert {m.settings.side_by_side for m in modules} == {expected}
