"""torchvision's operators, and the types of numbers that they compute in."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import UserError


class NoTorchvisionError(UserError, ModuleNotFoundError):
    """An ImportError, which mmseg expects where mmcv has no operators."""


try:
    import torchvision
except ImportError as error:
    raise NoTorchvisionError(
        'mmcv has no compiled operators here, and torchvision, which would compute '
        f'them, cannot be imported ({error}). Install the torchvision that belongs to '
        f'torch {torch.__version__}: pip install torchvision'
    ) from error

TORCHVISION = torch.ops.torchvision
VERSION = torchvision.__version__


def wide(x: Tensor) -> Tensor:
    """A tensor of 16 bits in float32; any other as it is."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
