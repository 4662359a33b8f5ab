from .files import NotReachable, local_file, read_checkpoint
from .loading import Pretrained, load, tensors_of

__all__ = [
    'NotReachable',
    'Pretrained',
    'load',
    'local_file',
    'read_checkpoint',
    'tensors_of',
]
