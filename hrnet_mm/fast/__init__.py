"""Equal results by other arithmetic: nothing in `models/` knows of it."""

from .gpu import Recorded
from .optimize import LEVELS, optimize

__all__ = ['LEVELS', 'Recorded', 'optimize']
