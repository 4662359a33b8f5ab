"""Messages to the user go to mmengine's log if it is in use."""

from __future__ import annotations

import logging
import sys
import warnings


def print_log(text: str, level: int = logging.INFO) -> None:
    """Log a message, or print it to standard error if mmengine is not in use.

    Args:
        text: Message of one or a few lines.
        level: Level of Python's logging; without mmengine, a message from WARNING
            upwards becomes a Python warning.
    """
    theirs = sys.modules.get('mmengine.logging')
    if theirs is not None:
        theirs.print_log(text, 'current', level)
    elif level >= logging.WARNING:
        warnings.warn(text, stacklevel=3)
    else:
        print(text, file=sys.stderr)
