"""The console that tables are printed to."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 150  # columns where the output is no terminal


def console() -> Console:
    """Make a console as wide as the terminal, or as wide as a file should be."""
    return Console(width=None if sys.stdout.isatty() else WIDE)
