"""Predictions are finite numbers, or they are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.structures import BaseDataElement


def not_finite(sample: Any) -> list[str]:
    """Return the names of the fields of a prediction with values NaN or infinite.

    The annotations in the sample, whose names begin with `gt_`, are left out.

    Args:
        sample: Data sample of any toolbox, with predictions; None if nothing was
            predicted.
    """
    if sample is None:
        return []
    return sorted(name for name, value in _fields(sample) if not is_finite(value))


def _fields(element: BaseDataElement) -> Iterator[tuple[str, Any]]:
    for name, value in element.items():
        if isinstance(value, BaseDataElement) and not name.startswith('gt_'):
            yield from ((f'{name}.{inner}', each) for inner, each in _fields(value))
        elif not name.startswith('gt_'):
            yield name, value


def is_finite(value: Any) -> bool:
    """Tell whether a tensor, an array or a number has neither NaN nor infinities.

    What is none of these counts as finite.
    """
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        # One NaN makes a sum NaN, and a sum takes a fraction of the time.
        total = value.sum(dtype=torch.float32)
        return bool(total.isfinite() or value.isfinite().all())
    if isinstance(value, np.ndarray | float) and np.asarray(value).dtype.kind == 'f':
        return bool(np.isfinite(value).all())
    return True
