"""A step is measured in seconds and in bytes."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from .rows import Step

Call = Callable[[], Any]
LEAST = 0.1  # seconds of one repetition: a clock tick or an interrupt must not count


def seconds(call: Call, device: str, calls: int = 1) -> float:
    """Return the seconds of one call, the mean of `calls` in a row.

    On a GPU they are taken between two events, after all earlier work is done.
    """
    if device == 'cpu':
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - start) / calls
    torch.cuda.synchronize()
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    for _ in range(calls):
        call()
    last.record()
    torch.cuda.synchronize()
    return first.elapsed_time(last) / 1e3 / calls


def give_back_memory(device: str) -> None:
    """Return freed memory to the system; else gigabytes stay reserved between cases."""
    gc.collect()
    if device != 'cpu':
        torch.cuda.empty_cache()
    elif sys.platform == 'linux' and platform.libc_ver()[0] == 'glibc':
        ctypes.CDLL(None).malloc_trim(0)


def calls_of(once: float) -> int:
    """Return how many calls fill a repetition, if one takes `once` seconds."""
    return max(1, round(LEAST / max(once, 1e-9)))


def peak_bytes(call: Call, device: str) -> int:
    """Return the most bytes that a call holds at once, above what was there before.

    This is all that torch allocates: activations, outputs, gradients, temporary copies.
    On a CPU the profiler's events are summed; buffers inside oneDNN are not among them.
    """
    if device != 'cpu':
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before
    os.environ.setdefault('KINETO_LOG_LEVEL', '99')  # it logs each start and stop
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        call()
    events = profiler.profiler.kineto_results.events()
    changes = [(e.start_ns(), e.nbytes()) for e in events if e.name() == '[memory]']
    held = peak = 0
    for _, change in sorted(changes, key=lambda event: event[0]):
        held += change
        peak = max(peak, held)
    return peak


def saved_bytes(forward: Call, model: nn.Module) -> int:
    """Return the bytes that a forward pass keeps for its backward pass.

    Each storage counts once, and those of parameters and buffers not at all. Copies of
    parameters, in another order or type, do count.
    """
    own = {
        tensor.untyped_storage().data_ptr()
        for tensor in (*model.parameters(), *model.buffers())
    }
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        where, size = place(tensor)
        if where not in own:
            kept[where] = size
        return tensor.detach()  # the tensor itself would keep its own graph alive

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = forward()
    del outputs  # until here nothing was freed, so that no address was given twice
    return sum(kept.values())


def place(tensor: Tensor) -> tuple[int, int]:
    """Return address and bytes of a tensor's storage, or of its values without one."""
    if tensor.layout == torch.strided:
        storage = tensor.untyped_storage()
        return storage.data_ptr(), storage.nbytes()
    return id(tensor), tensor.numel() * tensor.element_size()


def operations(model: nn.Module, shape: tuple[int, ...], training: bool) -> int:
    """Return the floating-point operations of a step, 2 for each multiply-add.

    Args:
        model: The readable network, in its mode, on the meta device.
        shape: Shape of the input (N, 3, H, W).
        training: True to include the backward pass.
    """
    counter = FlopCounterMode(display=False)
    with counter:
        Step(model, torch.empty(shape, device='meta'), training)()
    return counter.get_total_flops()
