"""In channels-last order the channels of one pixel lie next to each other in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only


def channels_last(model: nn.Module) -> nn.Module:
    """Convert a model's weights to channels-last order, in place.

    mmcv's own operators read memory as if it were contiguous (RoIAlign on a CPU
    silently gives wrong numbers), so their inputs are made contiguous.
    """
    # At the input of mmcv's operators: (N, H, W, C) in memory -> (N, C, H, W)
    for module in model.modules():
        if type(module).__module__.startswith('mmcv.ops'):
            module.register_forward_pre_hook(_contiguous)
    # (K, C, h, w) -> (K, h, w, C) in memory; shapes stay
    return model.to(memory_format=torch.channels_last)


def _contiguous(_module: nn.Module, inputs: tuple) -> Any:
    return tree_map_only(Tensor, Tensor.contiguous, inputs)
