"""One picture shows each row's speed-up, and time and memory over the image area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .quotes import curves, quoted
from .rows import BASELINE, ROWS

COLOURS = {name: f'C{i}' for i, name in enumerate(ROWS)}


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw the picture and write it to a file.

    Args:
        results: All raw figures.
        path: Path of a .png file.
    """
    timed = {
        name: quoted(case)
        for name, case in results['cases'].items()
        if 'rows' in case and case['kind'] != 'area'
    }
    found = curves(results['cases'])
    panels = bool(timed) + bool(found)
    figure = Figure((12, 4.5 * max(panels, 1)), layout='constrained')
    if timed:
        bars(figure.add_subplot(panels, 1, 1), timed)
    if found:
        over_area(figure.add_subplot(panels, 2, 2 * panels - 1), found, 'seconds', 1)
        over_area(figure.add_subplot(panels, 2, 2 * panels), found, 'peak', 1e-6)
    figure.savefig(path, dpi=110)


def bars(axes: Axes, timed: dict[str, dict[str, Any]]) -> None:
    """Draw speed-ups over the toolbox, one group per case and one bar per row.

    Error bars are quartiles.
    """
    names = [
        n for n in ROWS if n != BASELINE and any(n in rows for rows in timed.values())
    ]
    width = 0.8 / max(len(names), 1)
    for k, name in enumerate(names):
        found = [
            (place + (k + 0.5) * width - 0.4, rows[name].speedup)
            for place, rows in enumerate(timed.values())
            if name in rows and rows[name].speedup
        ]
        if not found:
            continue
        spots, ratios = zip(*found, strict=True)
        heights = [ratio.median for ratio in ratios]
        errors = [
            [r.median - r.low for r in ratios],
            [r.high - r.median for r in ratios],
        ]
        axes.bar(
            spots,
            heights,
            width,
            yerr=errors,
            label=name,
            color=COLOURS[name],
            error_kw=dict(linewidth=0.8),
        )
    axes.axhline(1, color='black', linewidth=0.8)
    axes.set_xticks(range(len(timed)), timed, rotation=20, ha='right', fontsize=8)
    axes.set_ylabel(f'times as fast as {BASELINE}')
    axes.grid(axis='y', alpha=0.3)
    axes.legend(fontsize=8, ncols=4)


def over_area(
    axes: Axes, found: dict[str, dict[str, list[float]]], key: str, unit: float
) -> None:
    """Draw one curve per row over the image area."""
    for name, curve in found.items():
        pixels = [x / 1e6 for x in curve['pixels']]
        values = [y * unit for y in curve[key]]
        axes.plot(pixels, values, 'o-', label=name, color=COLOURS[name], markersize=3)
    label = 'seconds' if key == 'seconds' else 'peak MB'
    axes.set(xlabel='megapixels', ylabel=label, xlim=(0, None), ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
