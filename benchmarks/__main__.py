"""Measure time and memory beside the toolboxes' own classes, with equal weights.

Everything is measured in one run.

python -m benchmarks --quick
python -m benchmarks --cases 'det_*' pose_w32_b1 --rows toolbox fast
python -m benchmarks --render work_dirs/benchmark/benchmark.json

Writes benchmark.json (everything raw), benchmark.md and benchmark.png to --out. How to
read them: docs/benchmark.md.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from hrnet_mm.cli.ending import user_errors
from hrnet_mm.cli.options import count
from hrnet_mm.errors import UserError
from hrnet_mm.terminal import print_paths
from hrnet_mm.weights.guard import forbid_unpickling

from . import cases, machine, rows, tables
from . import output as report
from .rounds import FEWEST, REPEATS, Settings, measure_all


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add('--cases', nargs='+', metavar='NAME', help='names or patterns (default: all)')
    add('--rows', nargs='+', metavar='NAME', help='the same of the rows')
    add('--quick', action='store_true', help='small cases of each kind, in 2 minutes')
    add('--list', action='store_true', help='show cases and rows, and leave')
    add(
        '--repeats',
        type=count,
        metavar='N',
        help=f'rounds (default: {REPEATS}, or what 2 minutes a case hold, {FEWEST} at '
        'least)',
    )
    add('--threads', type=count, metavar='N', help="default: torch's, all cores")
    add('--device', choices=['cpu', 'cuda'], default='cpu', help='default: cpu')
    add(
        '--out',
        metavar='DIR',
        default='work_dirs/benchmark',
        help='where results go (default: %(default)s)',
    )
    add('--overwrite', action='store_true', help='replace earlier results in DIR')
    add('--resume', action='store_true', help='go on with the run in DIR')
    add('--render', metavar='FILE', help='tables and plot of a benchmark.json again')
    return options


def print_list(chosen: list[cases.Case], used: dict[str, rows.Row]) -> None:
    """Print the cases and the rows of a run."""
    table = Table('case', 'network', 'input')
    for case in chosen:
        images, height, width = case.shape
        network = f'{case.task} {case.arch}{", training" if case.training else ""}'
        table.add_row(case.name, network, f'{images} x {height} x {width}')
    forms = Table('row', 'what it is')
    for name, row in used.items():
        forms.add_row(name, row.about)
    Console().print(table, forms)


def now() -> str:
    """Return the current time with its zone, to the second."""
    return datetime.now().astimezone().isoformat(timespec='seconds')


def run(
    chosen: list[cases.Case],
    used: dict[str, rows.Row],
    settings: Settings,
    output: report.Output,
    resume: bool = False,
) -> dict[str, Any]:
    """Measure everything; what was measured before an interruption is kept."""
    results: dict[str, Any] = dict(
        date=now(),
        commit=machine.commit(),
        machine=machine.hardware(settings.device),
        versions=machine.versions(),
        settings=settings._asdict(),
        cases={},
    )
    if resume:
        results.update(output.earlier(results['machine'], results['versions']))
        chosen = [case for case in chosen if case.name not in results['cases']]
    output.write(results)
    ticks = {c.name: len(rows.of_case(used, c)) + settings.rounds for c in chosen}
    total = sum(case.cost * ticks[case.name] for case in chosen)
    columns = (TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        line = progress.add_task('benchmark', total=total)

        def tick(case: cases.Case) -> None:
            progress.update(line, description=case.name, advance=case.cost)

        try:
            for name, figures in measure_all(chosen, used, settings, tick):
                found = dict(figures, date=now(), commit=machine.commit())
                results['cases'][name] = found
                results['cases'] = cases.in_order(results['cases'])
                output.write(results)
            progress.update(line, description='benchmark', completed=total)
        finally:
            output.render(results)
    return results


def print_summary(results: dict[str, Any], output: report.Output) -> None:
    """Print what was measured, and where the results are."""
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(tables.short_table(results))
    for reason in tables.not_timed(results):
        console.print(f'not timed: {reason}', markup=False, soft_wrap=True)
    print_paths({Path(n).suffix[1:]: output.folder / n for n in report.FILES})


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for, or render an earlier run again."""
    args = parser().parse_args(arguments)
    warnings.filterwarnings('ignore')
    if args.render:
        output = report.Output(str(Path(args.render).parent), overwrite=True)
        output.render(report.read(args.render))
        return
    known = cases.QUICK if args.quick else cases.CASES
    chosen = cases.choose(known, args.cases)
    used = rows.choose(args.rows, args.device, sparing=not args.quick)
    if args.list:
        print_list(chosen, used)
        return
    if args.device == 'cuda' and not torch.cuda.is_available():
        raise UserError('--device cuda, but torch finds no GPU; leave the option out')
    if args.threads:
        torch.set_num_threads(args.threads)
    output = report.Output(args.out, args.overwrite, args.resume)
    repeats = args.repeats or (FEWEST if args.quick else None)
    settings = Settings(args.device, repeats)
    results = run(chosen, used, settings, output, args.resume)
    print_summary(results, output)


if __name__ == '__main__':
    with user_errors():
        forbid_unpickling()
        main()
