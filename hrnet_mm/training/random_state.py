"""The state of a process's random numbers is taken as plain values, and set."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor


def random_state(devices: bool = True) -> dict[str, Any]:
    """Return the state of the generators of Python, NumPy and torch.

    Args:
        devices: True for those of accelerators, too.

    Returns:
        Plain values and tensors, which a checkpoint may hold.
    """
    version, inner, gauss = random.getstate()
    _, keys, place, has_gauss, cached = np.random.get_state()
    state: dict[str, Any] = dict(
        python=[version, list(inner), gauss],
        numpy=[torch.from_numpy(np.asarray(keys, np.int64)), place, has_gauss, cached],
        torch=torch.get_rng_state(),
    )
    if devices and torch.cuda.is_available():
        state['cuda'] = torch.cuda.get_rng_state_all()
    return state


def set_random_state(state: dict[str, Any]) -> None:
    """Set what `random_state` has returned.

    Accelerators that are not here any more are left out.
    """
    version, inner, gauss = state['python']
    random.setstate((version, tuple(inner), gauss))
    keys, place, has_gauss, cached = state['numpy']
    words = keys.numpy().astype(np.uint32)
    np.random.set_state(('MT19937', words, place, has_gauss, cached))
    torch.set_rng_state(state['torch'].cpu())
    of_devices: list[Tensor] = state.get('cuda', [])
    if torch.cuda.is_available():
        for device, each in enumerate(of_devices[: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(each.cpu(), device)


@contextmanager
def random_state_kept() -> Iterator[None]:
    """Leave the random numbers of this process as they were before the context."""
    state = random_state(devices=False)
    try:
        yield
    finally:
        set_random_state(state)


def seed_all(seed: int) -> None:
    """Seed Python, NumPy and torch on the CPU by a number below 2 ** 32."""
    random.seed(seed)
    np.random.seed(seed)
    # torch.manual_seed would seed accelerators, too, which load no data.
    torch.default_generator.manual_seed(seed)
