"""Training in bfloat16 works on every device, a CPU included.

mmengine's AmpOptimWrapper asserts an accelerator, because it scales losses for float16.
bfloat16 has the range of float32 and needs no scaling.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from ..registry import OPTIM_WRAPPERS


def float32_operators() -> None:
    """Make mmcv's RoIAlign and NMS compute in float32 under autocast.

    They do not support bfloat16.
    """
    from mmcv.ops.nms import NMSop
    from mmcv.ops.roi_align import RoIAlignFunction

    for function in (NMSop, RoIAlignFunction):
        if not hasattr(function.forward, '__wrapped__'):
            function.forward = staticmethod(in_float32(function.forward))


def in_float32(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the forward of a torch.autograd.Function, to run in float32 under autocast.

    torch.amp.custom_fwd does it too, but torch 2.1 to 2.3 have it for CUDA alone.
    """

    @functools.wraps(forward)
    def run(ctx: Any, *inputs: Any) -> Any:
        device = get_device()
        if not torch.is_autocast_enabled() and not torch.is_autocast_cpu_enabled():
            return forward(ctx, *inputs)
        with torch.autocast(device, enabled=False):
            return forward(ctx, *map(widened, inputs))

    return run


def widened(value: Any) -> Any:
    """Convert a 16-bit tensor to float32; return anything else as it is."""
    narrow = isinstance(value, Tensor) and value.dtype in (torch.half, torch.bfloat16)
    return value.float() if narrow else value


def float32_outputs(module: nn.Module, _inputs: Any, outputs: Any) -> Any:
    """Convert a module's outputs to float32, as a forward hook.

    RoI extractors give the boxes the features' type, and bfloat16 would round the
    coordinates to multiples of 4 pixels.
    """
    return tree_map_only(Tensor, Tensor.float, outputs)


@OPTIM_WRAPPERS.register_module()
class Bf16OptimWrapper(OptimWrapper):
    """This optimizer wrapper runs forward passes in bfloat16 where that is safe.

    Parameters, their gradients, losses and features between neck and heads stay
    float32.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepared: nn.Module | None = None

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter autocast and the base class's context for accumulated gradients."""
        wrapped = is_model_wrapper(model)
        self._prepare(model.get_submodule('module') if wrapped else model)
        with super().optim_context(model), torch.autocast(get_device(), torch.bfloat16):
            yield

    def _prepare(self, model: nn.Module) -> None:
        if model is self._prepared:
            return
        float32_operators()
        features = getattr(model, 'neck', None) or getattr(model, 'backbone', None)
        if features is not None:
            features.register_forward_hook(float32_outputs)
        self._prepared = model
