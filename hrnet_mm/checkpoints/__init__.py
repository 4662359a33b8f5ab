from .files import NotReachableError, local_file, read_checkpoint
from .loading import Pretrained, load, tensors_of

__all__ = [
    'NotReachableError',
    'Pretrained',
    'load',
    'local_file',
    'read_checkpoint',
    'tensors_of',
]
