"""Reading tensors without executing anything, for torch before 2.5.

Its own reader of weights knows no list of what else is allowed: it refuses the logs and
the NumPy arrays that mmengine stores beside the weights of every training. What is
allowed here is its list and ours.
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

# torch reads weights only where it is set, and then takes no unpickler of ours.
FORCED = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'


def plain_name(module: str, name: str) -> str:
    """One name for what NumPy 2 and Python 3 have moved."""
    module = module.replace('numpy.core.', 'numpy._core.')
    return f'{module.replace("__builtin__", "builtins")}.{name}'


# On the list of newer ones: bytes as NumPy keeps them, milestones of a schedule.
LATER = {'_codecs.encode': codecs.encode, 'collections.Counter': Counter}


class Reader:
    """Stands for the module `pickle` in torch.load.

    Args:
        *allowed: Classes and functions, besides those of torch.
    """

    def __init__(self, *allowed: Any) -> None:
        known = theirs._get_allowed_globals().items()
        names = {plain_name(*name.rpartition('.')[::2]): kind for name, kind in known}
        names |= LATER
        names |= {plain_name(k.__module__, k.__qualname__): k for k in allowed}
        self.__name__ = __name__  # torch looks whether it is dill
        self.Unpickler = type('Unpickler', (_Unpickler,), dict(allowed=names))

    def load(self, file: IO[bytes], **options: Any) -> Any:
        """Read one object of the file: of an old one, its head."""
        return self.Unpickler(file, **options).load()


class _Unpickler(pickle._Unpickler):
    """Makes what is allowed, and nothing else."""

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
        """Read one object."""
        try:
            return super().load()
        except KeyError as error:  # how pickle's own, in Python, meets another file
            raise pickle.UnpicklingError(f'Unsupported operand {error}') from error

    def load_build(self) -> None:
        """Set the state of an object, but not of a class or function that all use."""
        if callable(self.stack[-2]):
            raise pickle.UnpicklingError('Unsupported state of a class or function')
        super().load_build()  # type: ignore[misc]  # typeshed has not all methods

    dispatch[pickle.BUILD[0]] = load_build


def load(file: IO[bytes], map_location: Any, allowed: Sequence[Any]) -> Any:
    """Read a file of `torch.save`, of tensors, plain values and what is allowed.

    Args:
        file: Open for reading.
        map_location: As for `torch.load`.
        allowed: Classes and functions.
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
