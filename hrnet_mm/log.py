"""Lines for the user: in mmengine's log where that is in use."""

from __future__ import annotations

import logging
import sys
import warnings


def print_log(text: str, level: int = logging.INFO) -> None:
    """Say something to the user, on the standard error stream where no log is in use.

    Args:
        text: One line, or a few.
        level: Of Python's logging; from WARNING on it is a warning.
    """
    theirs = sys.modules.get('mmengine.logging')
    if theirs is not None:
        theirs.print_log(text, 'current', level)
    elif level >= logging.WARNING:
        warnings.warn(text, stacklevel=3)
    else:
        print(text, file=sys.stderr)
