"""Equal results by other arithmetic: nothing in `models/` knows of it."""

from .optimize import LEVELS, optimize

__all__ = ['LEVELS', 'optimize']
