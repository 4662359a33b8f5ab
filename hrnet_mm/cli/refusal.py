"""An unknown argument in a config is explained instead of a TypeError."""

from __future__ import annotations

import difflib
import inspect
import re
import traceback
from contextlib import suppress
from types import FrameType

from ..errors import did_you_mean

UNKNOWN = re.compile(r"got an unexpected keyword argument '(\w+)'")


def refused(error: TypeError) -> str | None:
    """Explain that a part of a config does not accept one of its arguments.

    Args:
        error: Error of a class that one of mmengine's registries was building.

    Returns:
        A message; None if the argument is not from the config, which is a bug.
    """
    first: BaseException = error
    while isinstance(first.__context__, TypeError):  # mmengine may re-raise it
        first = first.__context__
    found = UNKNOWN.search(str(first))
    building = _building(first)
    if found is None or building is None:
        return None
    argument, part = found[1], building.f_locals.get('obj_cls')
    if part is None or argument not in building.f_locals.get('args', ()):
        return None
    near = difflib.get_close_matches(argument, _arguments(part), n=2)
    return (
        f'{part.__name__} takes no argument {argument!r}{did_you_mean(near)}\n'
        'It is in the config, in one of its _base_, or in --cfg-options'
    )


def _building(error: BaseException) -> FrameType | None:
    """Find the innermost call of mmengine that builds a part from a config."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    builds = [frame for frame in frames if frame.f_code.co_name == 'build_from_cfg']
    return builds[-1] if builds else None


def _arguments(part: type) -> list[str]:
    """List the arguments that a class and its base classes accept."""
    names: set[str] = set()
    for each in inspect.getmro(part) if inspect.isclass(part) else ():
        with suppress(ValueError):  # implemented in C
            names.update(inspect.signature(each).parameters)
    return sorted(names)
