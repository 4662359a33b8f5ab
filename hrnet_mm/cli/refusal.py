"""A part of a config that refuses its values is explained instead of a traceback."""

from __future__ import annotations

import difflib
import inspect
import re
import traceback
from contextlib import suppress
from types import FrameType
from typing import Any

from ..errors import did_you_mean, one_line, place_of

# The environment variable that asks for tracebacks, as authors of parts need them.
TRACEBACK = 'HRNET_TRACEBACK'
WHERE = 'It is in the config, in one of its _base_, or in --cfg-options'
UNKNOWN = re.compile(r"got an unexpected keyword argument '(\w+)'")


def refused(error: Exception) -> str | None:
    """Explain that a part of a config does not accept what the config gives it.

    Args:
        error: Error of a class that one of mmengine's registries was building.

    Returns:
        A message; None if nothing was being built, or if the argument is not from the
        config, which is a bug.
    """
    first: BaseException = error
    while isinstance(first.__context__, type(error)):  # mmengine may re-raise it
        first = first.__context__
    building = _building(first) or _building(error)
    if building is None:
        return None
    part = building.f_locals.get('obj_cls')
    unknown = UNKNOWN.search(str(first))
    if unknown is None or not isinstance(error, TypeError):
        return _of_a_value(error, part)
    if part is None or unknown[1] not in building.f_locals.get('args', ()):
        return None
    near = difflib.get_close_matches(unknown[1], _arguments(part), n=2)
    return (
        f'{part.__name__} takes no argument {unknown[1]!r}{did_you_mean(near)}\n{WHERE}'
    )


def _of_a_value(error: Exception, part: Any) -> str:
    """Say what a part has against the values of the config."""
    name = getattr(part, '__name__', None) or 'a part'
    return (
        f'{name} cannot be built from the config: {one_line(error)} '
        f'({place_of(error)})\n{WHERE}. {TRACEBACK}=1 shows the whole traceback'
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
