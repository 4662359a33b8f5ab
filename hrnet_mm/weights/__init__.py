"""This package finds checkpoints, reads them safely, and loads them into models."""

from .loading import describe, load, load_content
from .locating import Located, NotReachableError, locate
from .pretrained import Pretrained
from .published import Weights
from .reading import read_checkpoint

__all__ = [
    'Located',
    'NotReachableError',
    'Pretrained',
    'Weights',
    'describe',
    'load',
    'load_content',
    'locate',
    'read_checkpoint',
]
