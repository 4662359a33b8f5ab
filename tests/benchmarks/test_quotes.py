"""Quoted figures from made ones: medians, ratios, fits."""

import pytest
from benchmark_case import raw

from benchmarks import quotes as figures


def test_speed_up_is_the_median_of_the_ratios_of_each_round():
    # The clock halves in the second round: the medians' ratio would be 1.5.
    found = figures.speedup([2.0, 4.0, 2.2], [1.0, 2.0, 2.0])
    assert found.median == 2.0
    assert found.low == pytest.approx(1.55)
    assert found.high == 2.0
    assert figures.spread([5.0]) == (5.0, 5.0, 5.0)


def test_quoted_figures():
    case = raw(toolbox=[4.0, 2.0, 4.0], fast=[2.0, 2.0, 1.0], fast_bf16=[1.0] * 3)
    found = figures.quoted(case)
    assert found['fast'].seconds.median == 2.0
    assert found['fast'].startup == 8.0
    assert found['fast'].images == 1.0
    assert found['fast'].speedup.median == 2.0
    assert found['fast'].peak_ratio == pytest.approx(4 / 7)
    assert found['fast'].share == 600 / 2.0 / 200  # the best float32 rate
    assert found['fast bf16'].share == 600 / 1.0 / 400
    assert found['toolbox'].speedup == (1, 1, 1)


def test_without_the_toolbox_there_is_no_speed_up():
    found = figures.quoted(raw(ours=[1.0, 1.0]))['ours']
    assert found.speedup is None
    assert found.peak_ratio is None


def test_a_line_and_what_is_not_on_it():
    x = [1e4, 2e4, 4e4]
    fit = figures.line(x, [3 + 2e-3 * v for v in x])
    assert fit.constant == pytest.approx(3)
    assert fit.slope == pytest.approx(2e-3)
    assert fit.deviation < 1e-9
    assert figures.line(x, [1, 2, 8]).deviation > 0.1
