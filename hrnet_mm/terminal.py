"""Tables are printed to a console of suitable width."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from .errors import printable

WIDE = 150  # columns if the output is not a terminal


def print_paths(paths: Mapping[str, str | Path]) -> None:
    """Print paths by their names, each on one line, however narrow the terminal is.

    A table would cut them off or break them, and nobody could copy them.
    """
    width = max(map(len, paths), default=0)
    for name, path in paths.items():
        print(f'{name:<{width}}  {printable(str(path))}')


def console() -> Console:
    """Return a console as wide as the terminal, or with a fixed width for files."""
    return Console(width=None if sys.stdout.isatty() else WIDE)
