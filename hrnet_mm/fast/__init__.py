"""`optimize` makes a model faster by numerically equivalent implementations.

The readable networks in `models/` do not depend on this folder.
"""

from .operators.gpu import Recorded
from .optimize import LEVELS, optimize

__all__ = ['LEVELS', 'Recorded', 'optimize']
