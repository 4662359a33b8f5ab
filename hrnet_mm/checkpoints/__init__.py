from .files import NotReachableError, local_file, read_checkpoint
from .loading import Pretrained, describe, load, load_content
from .published import Weights

__all__ = [
    'NotReachableError',
    'Pretrained',
    'Weights',
    'describe',
    'load',
    'load_content',
    'local_file',
    'read_checkpoint',
]
