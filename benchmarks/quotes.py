"""Raw figures become those that are quoted: medians, ratios, shares, fits."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from statistics import quantiles
from typing import Any, NamedTuple

from .rows import BASELINE, ROWS

Raw = dict[str, Any]


class Spread(NamedTuple):
    """A `Spread` is a median between its quartiles."""

    median: float
    low: float
    high: float


class Quoted(NamedTuple):
    """A `Quoted` is one row of a table, with None where there is nothing to say.

    Attributes:
        seconds: Seconds of one call.
        startup: Seconds of the first call with all preparation, less a later call.
        images: Images per second.
        peak: Largest number of bytes held at once.
        saved: Bytes kept for the backward pass.
        peak_ratio: `peak` relative to the toolbox's.
        saved_ratio: `saved` relative to the toolbox's.
        speedup: Speed relative to the toolbox, from the ratios within each round.
        share: Share of the rate of matrix products in the row's precision, 1 is all.
        output: Largest relative difference of the outputs to float64.
        gradient: Largest relative difference of a gradient, and that of all together.
        note: Reason why there are no figures.
    """

    seconds: Spread | None = None
    startup: float | None = None
    images: float | None = None
    peak: int | None = None
    saved: int | None = None
    peak_ratio: float | None = None
    saved_ratio: float | None = None
    speedup: Spread | None = None
    share: float | None = None
    output: float | None = None
    gradient: tuple[float, float] | None = None
    note: str = ''


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles of some values."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, middle, high = quantiles(values, method='inclusive')
    return Spread(middle, low, high)


def speedup(baseline: Sequence[float], row: Sequence[float]) -> Spread:
    """Return how many times faster a row is, by the ratios of each round.

    The clock of a shared machine drifts; a ratio within a round hardly sees it.
    """
    return spread([a / b for a, b in zip(baseline, row, strict=True)])


def quoted(case: Raw) -> dict[str, Quoted]:
    """Return the rows of a case's table."""
    baseline = case['rows'].get(BASELINE, {})
    return {
        name: of_row(name, row, baseline, case) for name, row in case['rows'].items()
    }


def of_row(name: str, row: Raw, baseline: Raw, case: Raw) -> Quoted:
    """Return the quoted figures of one row.

    Args:
        name: Key of `rows.ROWS`.
        row: Raw figures of the row.
        baseline: Raw figures of the toolbox; empty if it was not run.
        case: All raw figures of the case.
    """
    if not row.get('seconds'):
        return Quoted(note=row.get('note', 'not timed'))
    seconds = spread(row['seconds'])
    dtype = str(ROWS[name].dtype).removeprefix('torch.')
    rate = max(case['limits'][dtype])
    timed = baseline.get('seconds')
    return Quoted(
        seconds=seconds,
        startup=max(0.0, row['first_seconds'] - seconds.median),
        images=case['shape'][0] / seconds.median,
        peak=row['peak_bytes'],
        saved=row.get('saved_bytes'),
        peak_ratio=ratio(row, baseline, 'peak_bytes'),
        saved_ratio=ratio(row, baseline, 'saved_bytes'),
        speedup=speedup(timed, row['seconds']) if timed else None,
        share=case['operations'] / seconds.median / rate,
        output=row.get('output_difference'),
        gradient=row.get('gradient_differences'),
    )


def ratio(row: Raw, baseline: Raw, key: str) -> float | None:
    """Return a figure relative to the toolbox's, or None if one of them is missing."""
    if not row.get(key) or not baseline.get(key):
        return None
    return row[key] / baseline[key]


class Fit(NamedTuple):
    """A `Fit` is a line through a curve: `constant + slope * x`.

    Attributes:
        constant: Value at x = 0, in the unit of y.
        slope: Increase of y per pixel.
        deviation: Largest distance of a point from the line, relative to the line.
    """

    constant: float
    slope: float
    deviation: float


def line(x: Sequence[float], y: Sequence[float]) -> Fit:
    """Fit the line whose relative distances have the least squares."""
    # Plain floats, exactly added: a kept run gives the same digits on every processor.
    weights = [1 / v**2 for v in y]
    total = fsum(weights)
    x_mean = fsum(w * u for w, u in zip(weights, x, strict=True)) / total
    y_mean = fsum(w * v for w, v in zip(weights, y, strict=True)) / total
    spread = fsum(w * (u - x_mean) ** 2 for w, u in zip(weights, x, strict=True))
    along = fsum(
        w * (u - x_mean) * (v - y_mean) for w, u, v in zip(weights, x, y, strict=True)
    )
    slope = along / spread
    constant = y_mean - slope * x_mean
    farthest = max(
        abs(v / (constant + slope * u) - 1) for u, v in zip(x, y, strict=True)
    )
    return Fit(constant, slope, farthest)


def curves(cases: dict[str, Raw]) -> dict[str, dict[str, list[float]]]:
    """Return pixels, seconds and peak bytes over the image area, by row."""
    found: dict[str, dict[str, list[float]]] = {}
    for case in cases.values():
        if case['kind'] != 'area' or 'rows' not in case:
            continue
        _, height, width = case['shape']
        for name, row in quoted(case).items():
            if row.seconds is None or row.peak is None:
                continue
            points = found.setdefault(name, dict(pixels=[], seconds=[], peak=[]))
            points['pixels'].append(height * width)
            points['seconds'].append(row.seconds.median)
            points['peak'].append(row.peak)
    return found
