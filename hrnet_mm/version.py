"""The version of this package, and whether torch is new enough."""

from __future__ import annotations

__version__ = '0.1.0'


def torch_is_at_least(major: int, minor: int) -> bool:
    """Tell whether the installed torch is of a version or newer.

    >>> torch_is_at_least(2, 1), torch_is_at_least(99, 0)
    (True, False)
    """
    import torch

    return tuple(map(int, torch.__version__.split('.')[:2])) >= (major, minor)
