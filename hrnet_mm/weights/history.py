"""The curves of mmengine's logs are read from checkpoints."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import UserError
from .plain_pickle import Makers

NAME = 'mmengine.logging.history_buffer.HistoryBuffer'


class HistoryBuffer:
    """This class replaces mmengine's class of the same name if mmengine is not used.

    It holds the curves of a training log, which are not needed with the weights.
    """


def history(state: Any, *unused: Any) -> Any:
    """Return a HistoryBuffer with two curves: values, and how many each stands for.

    Raises:
        UserError: The state is not that of a HistoryBuffer.
    """
    state = state if isinstance(state, dict) else {}
    curves = [state.get('_log_history'), state.get('_count_history')]
    most = state.get('max_length')
    if not all(map(_is_curve, curves)) or len(curves[0]) != len(curves[1]):
        raise UserError('It holds a HistoryBuffer whose curves are not numbers')
    if type(most) is not int or most < 1:
        raise UserError('It holds a HistoryBuffer without a length')
    theirs = sys.modules.get('mmengine.logging')
    made: Any = HistoryBuffer() if theirs is None else theirs.HistoryBuffer()
    made.max_length = most
    made._log_history, made._count_history = curves
    return made


def _is_curve(values: Any) -> bool:
    array = isinstance(values, np.ndarray) and values.ndim == 1
    return array and values.dtype.kind in 'biuf'


def method(state: Any, owner: Any, name: Any) -> str:
    """Replace `getattr`, by which a HistoryBuffer lists its methods.

    Raises:
        UserError: The owner is another object, or the name begins with `_`.
    """
    owned = getattr(owner, 'name', '') == NAME and isinstance(name, str)
    if not owned or name.startswith('_'):
        raise UserError(f'It asks for the attribute {name!r:.60}, which is not allowed')
    return name


HISTORY: Makers = {NAME: history, 'builtins.getattr': method}
