"""Messages name the tensors of a checkpoint and the parts of a network they are in."""

from __future__ import annotations

import re

LOWER_OUTPUTS = re.compile(r'(backbone\.)?stage4\.\d+\.fuse_layers\.[1-3]\.')


def part_of(name: str, task: str | None) -> str:
    """Return the part of a network that a tensor with one of our names belongs to."""
    part = name.split('.')[0]
    if LOWER_OUTPUTS.match(name):
        return "the lower streams' last exchange"
    if part == 'backbone' or task is None:
        return 'the backbone' if part == 'backbone' else 'other parts'
    if part == 'neck' and task != 'classification':
        return 'the neck'
    return f'the {task} head'
