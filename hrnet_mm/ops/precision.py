"""Torchvision's operators compute in float32 or wider here."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ..errors import UserError


class NoTorchvisionError(UserError, ModuleNotFoundError):
    """This error is an ImportError, as mmseg expects without mmcv's operators."""


try:
    import torchvision
except (ImportError, RuntimeError) as error:  # RuntimeError: built for another torch
    raise NoTorchvisionError(
        'mmcv has no compiled operators here, and torchvision, which would compute '
        f'them, cannot be imported ({error}). Install the torchvision that belongs to '
        f'torch {torch.__version__}: pip install torchvision'
    ) from error

TORCHVISION = torch.ops.torchvision
VERSION = torchvision.__version__


@contextmanager
def in_any_order(x: Tensor) -> Iterator[None]:
    """Allow gradients to be added in any order inside, as mmcv's operators do on a GPU.

    Otherwise torch.use_deterministic_algorithms would make torchvision's operators
    raise an error there.

    Args:
        x: Tensor on the device that computes.
    """
    strict = torch.are_deterministic_algorithms_enabled() and x.is_cuda
    only_warn = torch.is_deterministic_algorithms_warn_only_enabled()
    if strict:
        tell_once()
        torch.use_deterministic_algorithms(False)
    try:
        yield
    finally:
        if strict:
            torch.use_deterministic_algorithms(True, warn_only=only_warn)


@functools.cache
def tell_once() -> None:
    """Warn once that two runs will differ in the last digits."""
    warnings.warn(
        'gradients of RoIAlign and deformable convolutions are added in any order on a '
        'GPU: runs are equal up to rounding, not bit by bit',
        stacklevel=2,
    )


def wide(x: Tensor) -> Tensor:
    """Convert a 16-bit tensor to float32; return any other as it is."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
