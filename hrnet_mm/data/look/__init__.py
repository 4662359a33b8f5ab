"""A data set is looked at before anything is trained on it or measured with it.

Each form of data has one file: boxes and masks, key points, label maps, class folders.
Each gives a `Look`: counts, what is wrong, and what is strange.
"""

from .looks import Look
from .remembering import Remembered

__all__ = ['Look', 'Remembered']
