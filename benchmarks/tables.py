"""Tables come in Markdown for files, and short for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table

from .quotes import Quoted, Spread, curves, line, quoted
from .rows import BASELINE

KINDS = ('detection', 'pose', 'segmentation', 'classification', 'training', 'area')
NOTHING = '-'


def markdown(results: dict[str, Any]) -> str:
    """Return the whole page in Markdown."""
    parts = [
        '# Benchmark',
        header(results),
        summary(results),
        *(table(results, kind) for kind in KINDS if of_kind(results, kind)),
        *fits(results),
        *notes(results),
    ]
    return '\n\n'.join(parts) + '\n'


def of_kind(results: dict[str, Any], kind: str) -> dict[str, dict]:
    """Return the cases of one table that have rows."""
    cases = results['cases'].items()
    return {n: case for n, case in cases if case['kind'] == kind and 'rows' in case}


def header(results: dict[str, Any]) -> str:
    """Return the table of hardware, versions, settings and limits."""
    machine, settings = results['machine'], results['settings']
    limits = [case['limits'] for case in results['cases'].values() if 'limits' in case]
    best = {
        name: max(max(sample[name]) for sample in limits if sample.get(name))
        for name in (limits[0] if limits else {})
    }
    dates = sorted(c['date'] for c in results['cases'].values() if 'date' in c)
    flags = ' '.join(machine['flags']) or 'no vector extensions known'
    lines = {
        'date': ' to '.join(sorted({results['date'], *dates[-1:]})),
        'commit of the first case': results['commit'] or 'unknown',
        'processor': f'{machine["processor"]} ({flags})',
        'cores': f'{machine["usable_cores"]} of {machine["cores"]}, '
        f'{machine["threads"]} threads',
        'accelerator': machine.get('accelerator', 'none'),
        'system': machine['system'],
        'versions': ', '.join(f'{k} {v}' for k, v in results['versions'].items()),
        'device': settings['device'],
        'limits': ', '.join(
            f'{name} {rate / 1e9:.0f} {"GB/s" if name == "copy" else "GFLOP/s"}'
            for name, rate in best.items()
        ),
    }
    rows = [f'| {name} | {text} |' for name, text in lines.items()]
    return '\n'.join(['| | |', '|---|---|', *rows])


def summary(results: dict[str, Any]) -> str:
    """Return the table that most readers want, which the README has, too.

    Memory is that of `fast` to the toolbox's: what is stored for the backward pass, or
    without one the peak.
    """
    lines = [
        '| | toolbox, s | `--fast` | `--fast=max` | memory |',
        '|---|' + '---:|' * 4,
    ]
    names = (BASELINE, 'fast', 'fast max')
    for kind in KINDS[:-1]:
        for case in of_kind(results, kind).values():
            rows = quoted(case)
            toolbox, fast, most = (rows.get(name, Quoted()) for name in names)
            cells = [
                described(case),
                known(toolbox.seconds, '{0.median:.3f}'.format),
                *(known(r.speedup, '{0.median:.2f}x'.format) for r in (fast, most)),
                known(fast.saved_ratio or fast.peak_ratio, '{:.2f}x'.format),
            ]
            lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def described(case: dict[str, Any]) -> str:
    """Describe a case in words."""
    what = f'{case["task"]}, training step' if case['training'] else case['task']
    return f'{what}, {case["arch"]}, {" x ".join(map(str, case["shape"]))}'


def table(results: dict[str, Any], kind: str) -> str:
    """Return the table of all cases of a kind."""
    training = kind == 'training'
    cuda = results['settings']['device'] != 'cpu'
    names = columns(training, cuda)
    lines = [f'## {kind.capitalize()}', '']
    lines += [f'| {" | ".join(names)} |', f'|{"---|" * 2}{"---:|" * (len(names) - 2)}']
    for name, case in of_kind(results, kind).items():
        for row, figures in quoted(case).items():
            cells = [name, row, *row_cells(figures, training, cuda)]
            lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def columns(training: bool, cuda: bool) -> list[str]:
    """Return the headings of a table."""
    return [
        'case',
        'row',
        'seconds',
        *(['images/s'] if cuda else []),
        'start-up s',
        'peak MB',
        *(['saved MB'] if training else []),
        'speed-up',
        'of limit',
        'difference',
        *(['of gradients'] if training else []),
    ]


def row_cells(row: Quoted, training: bool, cuda: bool) -> list[str]:
    """Return one row's text, in the order of `columns`."""
    number = '{:.2g}'.format
    return [
        between(row.seconds, '{:.3f}'),
        *([known(row.images, '{:.0f}'.format)] if cuda else []),
        known(row.startup, '{:.1f}'.format),
        megabytes(row.peak, row.peak_ratio),
        *([megabytes(row.saved, row.saved_ratio)] if training else []),
        between(row.speedup, '{:.2f}'),
        known(row.share, '{:.0%}'.format),
        known(row.output, number),
        *([known(row.gradient, '{0[0]:.2g} ({0[1]:.2g})'.format)] if training else []),
    ]


def between(value: Spread | None, form: str) -> str:
    """Format a median with its quartiles."""
    if value is None:
        return NOTHING
    middle, low, high = (form.format(x) for x in value)
    return middle if low == high else f'{middle} ({low}-{high})'


def known(value: Any, form: Callable[[Any], str]) -> str:
    """Format a figure, if there is one."""
    return NOTHING if value is None else form(value)


def megabytes(size: int | None, ratio: float | None) -> str:
    """Format bytes in units of 1e6, with their ratio to the toolbox's."""
    if size is None:
        return NOTHING
    return f'{size / 1e6:.0f}' + (f' ({ratio:.2f}x)' if ratio else '')


def fits(results: dict[str, Any]) -> Iterator[str]:
    """Yield lines fitted to time and memory over the image area, and deviations."""
    found = {n: c for n, c in curves(results['cases']).items() if len(c['pixels']) > 2}
    if not found:
        return
    lines = [
        '| row | ms | ms per Mpixel | farthest | MB | MB per Mpixel | farthest |',
        '|---|---:|---:|---:|---:|---:|---:|',
    ]
    for name, curve in found.items():
        time, peak = (line(curve['pixels'], curve[y]) for y in ('seconds', 'peak'))
        cells = [
            *(f'{1e3 * time.constant:.1f}', f'{1e9 * time.slope:.0f}'),
            f'{time.deviation:.0%}',
            *(f'{peak.constant / 1e6:.1f}', f'{peak.slope:.0f}'),
            f'{peak.deviation:.0%}',
        ]
        lines.append(f'| {name} | {" | ".join(cells)} |')
    yield 'Lines through time and memory over the area; the point farthest from each:'
    yield '\n'.join(lines)


def short_table(results: dict[str, Any]) -> Table:
    """Return the table that the terminal shows at the end."""
    shown = Table('case', 'row')
    for heading in ('seconds', 'speed-up', 'peak', 'difference'):
        shown.add_column(heading, justify='right')
    for name, case in results['cases'].items():
        for row, figures in quoted(case).items() if 'rows' in case else ():
            if figures.seconds:
                shown.add_row(
                    name,
                    row,
                    f'{figures.seconds.median:.3f}',
                    between(figures.speedup, '{:.2f}'),
                    known(figures.peak_ratio, '{:.2f}x'.format),
                    known(figures.output, '{:.2g}'.format),
                )
    return shown


def not_timed(results: dict[str, Any]) -> list[str]:
    """Return the cases and rows without figures, each with its reason."""
    found = []
    for name, case in results['cases'].items():
        if 'note' in case:
            found.append(f'`{name}`: {case["note"]}')
        for row, figures in quoted(case).items() if 'rows' in case else ():
            if figures.note:
                found.append(f'`{name}`, {row}: {figures.note}')
    return found


def notes(results: dict[str, Any]) -> Iterator[str]:
    """Yield the list of what has no figures, if there is anything."""
    found = not_timed(results)
    if found:
        yield '## Not timed'
        yield '\n'.join(f'- {reason}' for reason in found)
