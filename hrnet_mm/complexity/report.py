"""The tables that tools/complexity.py prints."""

from __future__ import annotations

import sys

from mmengine.config import Config
from rich.console import Console
from rich.table import Table

from .counting import RULES, TRUE, activations, count, parameters
from .paper import Compared
from .parts import build, default_shape, run
from .tables import Printed

WIDE = 150  # columns where the output is no terminal


def console() -> Console:
    """As wide as the terminal, or as a file should be."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def of_config(cfg: Config, shape: tuple[int, int] | None = None) -> Table:
    """Parameters, multiply-adds and activations of a config's model.

    Args:
        cfg: The config.
        shape: Height and width of the input in pixels; None for the config's own.
    """
    shape = shape or default_shape(cfg)
    model = build(cfg)
    table = Table(show_header=False)
    table.add_row('input', f'{shape[0]} x {shape[1]}')
    table.add_row('parameters', f'{parameters(model) / 1e6:.3f} M')
    table.add_row('multiply-adds', f'{count(lambda: run(model, shape)) / 1e9:.3f} G')
    table.add_row(
        'activations', f'{activations(lambda: run(model, shape)) / 1e6:.3f} M'
    )
    if hasattr(model, 'roi_head'):
        masks = f', {TRUE.masks} for masks' if model.roi_head.with_mask else ''
        table.add_row('RoIs', f'{TRUE.boxes}{masks}')
    return table


def of_paper(printed: Printed, rows: list[Compared]) -> Table:
    """A printed table with our counts beside it."""
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
    for compared in rows:
        row = compared.row
        figures = [
            f'{value:.3f}' if value is not None else ''
            for value in (
                *(compared.by_rule or (None, None)),
                *(compared.true or (None, None)),
                compared.ratio,
            )
        ]
        size = f'{row.shape[0]}x{row.shape[1]}'
        table.add_row(row.system, size, row.params, row.giga, *figures, compared.mark)
    return table
