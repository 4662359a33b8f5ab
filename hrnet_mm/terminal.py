"""Tables are printed to a console of suitable width."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 150  # columns if the output is not a terminal


def console() -> Console:
    """Return a console as wide as the terminal, or with a fixed width for files."""
    return Console(width=None if sys.stdout.isatty() else WIDE)
