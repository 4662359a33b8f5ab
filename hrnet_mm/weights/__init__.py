from .loading import describe, load, load_content
from .locating import NotReachableError, local_file, read_checkpoint
from .pretrained import Pretrained, loaded_by_us
from .published import Weights

__all__ = [
    'NotReachableError',
    'Pretrained',
    'Weights',
    'describe',
    'load',
    'load_content',
    'loaded_by_us',
    'local_file',
    'read_checkpoint',
]
