"""Slurm writes lists of machines, and of tasks on each of them, in a short form."""

from __future__ import annotations

import re


def first_node(nodes: str) -> str:
    """Return the first name of a list of machines.

    >>> first_node('gpu[08-11,20],login')
    'gpu08'
    """
    first = re.match(r'(\[[^]]*\]|[^,\[])*', nodes)
    return re.sub(r'\[(\d+)[^]]*\]', r'\1', first.group() if first else '')


def tasks_on(node: int, tasks: str) -> int:
    """Return how many tasks a machine has.

    Args:
        node: Number of the machine, from 0.
        tasks: For example `'4(x2),3'`: four on each of two machines, three on the next.

    Raises:
        ValueError: The list has another form, or does not reach to this machine.
    """
    counts: list[int] = []
    for part in tasks.split(','):
        found = re.fullmatch(r'(\d+)(?:\(x(\d+)\))?', part)
        if found is None or len(counts) > node:
            break
        counts += [int(found[1])] * min(int(found[2] or 1), node + 1)
    if not 0 <= node < len(counts):
        raise ValueError(f'{tasks} does not say how many tasks machine {node} has')
    return counts[node]
