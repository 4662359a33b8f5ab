"""mmengine reads checkpoints and annotations without unpickling unsafe objects."""

from __future__ import annotations

import codecs
import pickle
from collections import OrderedDict
from typing import IO, Any

from mmengine.fileio import PickleHandler, register_handler
from mmengine.runner import CheckpointLoader
from mmengine.structures import InstanceData

from ..errors import UserError
from .aliases import ALIASES
from .hub import HUB
from .locating import locate
from .old_torch import plain_name
from .reading import arrays, dtype_of_values

# mmengine's own, weaker rules would read these three; `locate` refuses them.
ELSEWHERE = ('pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://')
SCHEMES = ('', 'http://', 'https://', *ALIASES, *HUB, *ELSEWHERE)


def load_from_hrnet_mm(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Read a checkpoint for mmengine's own `load_checkpoint` and `Pretrained`.

    mmengine's reader allows `getattr`, which is enough for a file to run any code, and
    reads refused files again without limits.
    """
    content = locate(filename).read(map_location or 'cpu')
    if not filename.startswith('mmcls://'):
        return content
    tensors = content.get('state_dict', content)
    prefix = 'backbone.'
    inner = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
    return dict(state_dict=inner)


ALLOWED = {
    plain_name(kind.__module__, kind.__qualname__): kind
    for kind in (*arrays(), codecs.encode, set, OrderedDict, InstanceData)
} | {'numpy.dtype': dtype_of_values}


class _Unpickler(pickle.Unpickler):
    """This unpickler creates only plain values, NumPy arrays and mmengine's boxes."""

    def find_class(self, module: str, name: str) -> Any:
        if plain_name(module, name) in ALLOWED:
            return ALLOWED[plain_name(module, name)]
        raise UserError(
            f'a pickle file holds the Python object {module}.{name}. Reading it would '
            'run code that the file brings with it, so nothing was read.\nAnnotations '
            'and proposals may hold plain values and NumPy arrays, or be a JSON file'
        )


class SafePickleHandler(PickleHandler):
    """This handler reads .pkl annotations and proposals without executing them."""

    def load_from_fileobj(self, file: IO[bytes], **kwargs: Any) -> Any:
        return _Unpickler(file, **kwargs).load()


def register() -> None:
    """Make mmengine read checkpoints and .pkl files with the functions above."""
    CheckpointLoader.register_scheme(SCHEMES, load_from_hrnet_mm, force=True)
    register_handler(['pickle', 'pkl'])(SafePickleHandler)
