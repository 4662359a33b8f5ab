"""Golden numbers of the original code bases, and the rule that remakes their weights.

docs/parity.md says where each file of tests/data/parity comes from.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

FOLDER = Path(__file__).parent / 'data/parity'


@dataclass
class Golden:
    """A golden file has what one of the original networks put out.

    Attributes:
        facts: Where from, the four stages, sizes of heads, ...
        shapes: Of its tensors, by its own names.
        outputs: By the size of the image, then by `'backbone.0'`, `'head.0'`, ...
    """

    facts: dict[str, Any]
    shapes: dict[str, list[int]]
    outputs: dict[str, dict[str, Tensor]]

    @cached_property
    def state_dict(self) -> dict[str, Tensor]:
        """Its weights, by its own names; made once, do not change it."""
        return {name: tensor_of(name, shape) for name, shape in self.shapes.items()}


def read(name: str) -> Golden:
    """A file of tests/data/parity."""
    outputs: dict[str, dict[str, Tensor]] = {}
    with np.load(FOLDER / f'{name}.npz') as file:
        facts = json.loads(file['facts'].tobytes())
        for key in file.files:
            if key != 'facts':
                size, output = key.split('/')
                outputs.setdefault(size, {})[output] = torch.from_numpy(file[key])
    return Golden(facts, facts.pop('shapes'), outputs)


def uniform(name: str, shape: list[int], low: float, high: float) -> Tensor:
    """Numbers that depend on the name alone, the same on every machine, float32."""
    draw = np.random.RandomState(zlib.crc32(name.encode()))
    return torch.from_numpy(np.float32(draw.uniform(low, high, shape)))


def tensor_of(name: str, shape: list[int]) -> Tensor:
    """A tensor of a made checkpoint; the network's maps stay of the order of one.

    Nothing has a value under which a mistake would not show: no mean, bias or scale is
    zero or one.
    """
    kind = name.rsplit('.', 1)[-1]
    if kind == 'num_batches_tracked':
        return torch.zeros(shape, dtype=torch.int64)
    if kind == 'eps':  # a buffer of HRNet-MaskRCNN-Benchmark
        return torch.full(shape, 1e-5)
    if kind == 'running_var':
        return uniform(name, shape, 0.5, 1.5)
    if kind == 'weight' and len(shape) == 1:
        return uniform(name, shape, 0.2, 0.8)
    if kind == 'weight':  # the variance of Kaiming's
        bound = (6 / np.prod(shape[1:])) ** 0.5
        return uniform(name, shape, -bound, bound)
    return uniform(name, shape, -0.5, 0.5)


def image_of(size: str) -> Tensor:
    """One image of a size like `'64x96'`, height first."""
    height, width = map(int, size.split('x'))
    return uniform(f'image {size}', [1, 3, height, width], -2.0, 2.0)


def regions(channels: int) -> Tensor:
    """Make what detectors' second stages are given: four regions of 7x7."""
    return uniform('regions', [4, channels, 7, 7], -2.0, 2.0)


def difference(found: Tensor, expected: Tensor) -> float:
    """Largest absolute difference over the largest absolute value expected."""
    assert found.shape == expected.shape
    return ((found - expected).abs().max() / expected.abs().max()).item()
