"""Checkpoints are read without executing anything, also by torch before 2.5.

The weights-only unpickler of these versions has no list of additional allowed classes:
it refuses the logs and NumPy arrays that mmengine stores beside the weights of every
training. The unpickler here allows torch's own list and ours.
"""

from __future__ import annotations

import codecs
import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, ClassVar

import torch
from torch import _weights_only_unpickler as theirs

# If it is set, torch reads weights only and does not accept our unpickler.
FORCED = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'


def plain_name(module: str, name: str) -> str:
    """Return one name for a class or function that NumPy 2 or Python 3 has moved."""
    module = module.replace('numpy.core.', 'numpy._core.')
    return f'{module.replace("__builtin__", "builtins")}.{name}'


# Newer torch versions also allow these: NumPy's bytes, milestones of a schedule.
LATER = {'_codecs.encode': codecs.encode, 'collections.Counter': Counter}


class Reader:
    """A `Reader` replaces the module `pickle` in torch.load.

    Args:
        *allowed: Classes and functions to allow in addition to those of torch.
    """

    def __init__(self, *allowed: Any) -> None:
        known = theirs._get_allowed_globals().items()
        names = {plain_name(*name.rpartition('.')[::2]): kind for name, kind in known}
        names |= LATER
        names |= {plain_name(k.__module__, k.__qualname__): k for k in allowed}
        self.__name__ = __name__  # torch checks whether this is dill
        self.Unpickler = type('Unpickler', (_Unpickler,), dict(allowed=names))

    def load(self, file: IO[bytes], **options: Any) -> Any:
        """Read the next object; files in the format before zip contain several."""
        return self.Unpickler(file, **options).load()


class _Unpickler(pickle._Unpickler):
    """This unpickler creates only objects of allowed classes."""

    allowed: dict[str, Any]
    stack: list[Any]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(
        pickle._Unpickler.dispatch
    )

    def find_class(self, module: str, name: str) -> Any:
        found = self.allowed.get(plain_name(module, name))
        if found is None:
            raise pickle.UnpicklingError(f'Unsupported global: GLOBAL {module}.{name}')
        return found

    def load(self) -> Any:
        """Read one object of the file."""
        try:
            return super().load()
        except KeyError as error:  # Python's unpickler met no pickle
            raise pickle.UnpicklingError(f'Unsupported operand {error}') from error

    def load_build(self) -> None:
        """Set the state of an object, but never that of a class or function."""
        if callable(self.stack[-2]):
            raise pickle.UnpicklingError('Unsupported state of a class or function')
        super().load_build()  # type: ignore[misc]  # typeshed has not all methods

    dispatch[pickle.BUILD[0]] = load_build


def load(file: IO[bytes], map_location: Any, allowed: Sequence[Any]) -> Any:
    """Read a file of `torch.save` that holds tensors, plain values and allowed objects.

    Args:
        file: Binary file, open for reading.
        map_location: Device of the tensors, as for `torch.load`.
        allowed: Classes and functions that the file may use.
    """
    with _not_forced():
        return torch.load(
            file, map_location, pickle_module=Reader(*allowed), weights_only=False
        )


@contextmanager
def _not_forced() -> Iterator[None]:
    value = os.environ.pop(FORCED, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[FORCED] = value
