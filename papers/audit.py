"""The papers' tables stand beside our counts, by the papers' rule and in true units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from rich.table import Table
from torch import nn

from hrnet_mm.complexity.counting import Rule, count, parameters
from hrnet_mm.complexity.on_meta import build, run
from hrnet_mm.config.opening import read_config

from .cpn import CPN
from .printed import Printed, Row
from .rules import RULES

REPRODUCED = 'reproduced'


class Compared(NamedTuple):
    """A `Compared` is a printed row with our counts, or None if it has no config.

    Attributes:
        row: The printed row.
        by_rule: Parameters in M and multiply-adds in G, by the table's rule.
        true: The same in true units, 1e6 and 1e9.
    """

    row: Row
    by_rule: tuple[float, float] | None = None
    true: tuple[float, float] | None = None

    @property
    def ratio(self) -> float | None:
        """Return our multiply-adds by the rule, relative to the printed GFLOPs."""
        return self.by_rule[1] / float(self.row.giga) if self.by_rule else None

    @property
    def agreeing(self) -> tuple[bool, bool]:
        """Return for parameters and for multiply-adds if they are the printed ones."""
        if self.by_rule is None:
            return False, False
        params, giga = self.by_rule
        return agrees(params, self.row.params), agrees(giga, self.row.giga)

    @property
    def mark(self) -> str:
        """Return that the printed figures agree, or the reason why they do not."""
        if self.by_rule is None:
            missing = self.row.config and f'no config {self.row.config}'
            return missing or self.row.reason
        if all(self.agreeing):
            return ', '.join([REPRODUCED, *self.row.options])
        reason = self.row.reason or 'not reproduced'
        half = self.row.params and self.agreeing[0]
        return f'M {REPRODUCED}; G: {reason}' if half else reason


def agrees(ours: float, printed: str) -> bool:
    """Tell whether a figure equals a printed one, up to one unit of its last digit.

    The papers round some figures and cut others off: 1206.37 is printed as 1206.3.
    """
    if not printed:
        return True
    decimals = len(printed.partition('.')[2])
    return abs(ours - float(printed)) < 10.0**-decimals


def compared(table: Printed, configs: Path) -> Iterator[Compared]:
    """Yield every row of a table, counted if it has a config.

    Args:
        table: One of `printed.TABLES`.
        configs: Folder of the configs.
    """
    for row in table.rows:
        path = configs / f'{row.config}.py'
        if row.config != 'cpn' and not path.is_file():
            yield Compared(row)
            continue
        model, forward = network(path, row.options)
        by_rule, true = (
            counted(model, forward, row.shape, rule) for rule in (table.rule, 'true')
        )
        yield Compared(row, by_rule, true)


Forward = Callable[[nn.Module, 'tuple[int, int]', Rule], object]


@cache
def network(path: Path, options: tuple[str, ...]) -> tuple[nn.Module, Forward]:
    """Return a row's network on the meta device, and the function that runs it."""
    if path.stem == 'cpn':
        with torch.device('meta'):
            return CPN().eval(), run_plain
    changes = dict(option.split('=') for option in options)
    return build(read_config(path, changes)), run


def run_plain(model: nn.Module, shape: tuple[int, int], rule: Rule) -> None:
    """Run a network that is no model of a toolbox."""
    model(torch.empty(1, 3, *shape, device='meta'))


@cache
def counted(
    model: nn.Module, forward: Forward, shape: tuple[int, int], name: str
) -> tuple[float, float]:
    """Return parameters in M and multiply-adds in G, as one of `RULES` counts them."""
    rule = RULES[name]
    total = count(lambda: forward(model, shape, rule), rule)
    return parameters(model, rule) / rule.mega, total / rule.giga


def shown(printed: Printed, rows: list[Compared]) -> Table:
    """Return a printed table with our counts beside it."""
    rule = RULES[printed.rule]
    giga = '1e9' if rule.giga == 1e9 else '2^30'
    mega = '1e6' if rule.mega == 1e6 else '2^20'
    table = Table(title=printed.title, title_justify='left')
    table.add_column('system')
    table.add_column('input')
    for heading in ('printed M', 'printed G', f'M ({mega})', f'G ({giga})'):
        table.add_column(heading, justify='right')
    for heading in ('true M', 'true G', 'ratio'):
        table.add_column(heading, justify='right')
    table.add_column(f"by the rule '{printed.rule}'")
    for each in rows:
        row = each.row
        figures = [
            f'{value:.3f}' if value is not None else ''
            for value in (
                *(each.by_rule or (None, None)),
                *(each.true or (None, None)),
                each.ratio,
            )
        ]
        size = f'{row.shape[0]}x{row.shape[1]}'
        table.add_row(row.system, size, row.params, row.giga, *figures, each.mark)
    return table
