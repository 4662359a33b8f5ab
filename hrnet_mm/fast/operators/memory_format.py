"""Maps whose channels of one pixel lie beside each other in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only


def channels_last(model: nn.Module) -> nn.Module:
    """Change a model's weights to channels-last order, in place.

    mmcv's own operators read memory as if it were in the usual order (RoIAlign on a CPU
    gives wrong numbers without a word), so they get their inputs in that one.
    """
    for module in model.modules():
        if type(module).__module__.startswith('mmcv.ops'):
            module.register_forward_pre_hook(_contiguous)
    return model.to(memory_format=torch.channels_last)


def _contiguous(_module: nn.Module, inputs: tuple) -> Any:
    return tree_map_only(Tensor, Tensor.contiguous, inputs)
