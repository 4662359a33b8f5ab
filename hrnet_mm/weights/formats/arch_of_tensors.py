"""The shapes of an HRNet's tensors tell its four stages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from torch import Tensor

from ...models.archs import Arch, Stage, resolve_arch

UNIT = r'\.(?P<unit>\d+)\.conv(?P<conv>[13])\.weight'
STAGES = {1: re.compile(rf'backbone\.layer(?P<module>1)(?P<stream>){UNIT}')} | {
    n: re.compile(
        rf'backbone\.stage{n}\.(?P<module>\d+)\.branches\.(?P<stream>\d+){UNIT}'
    )
    for n in (2, 3, 4)
}


def arch_of(tensors: Mapping[str, Tensor]) -> Arch | None:
    """Return the stages of a network with our names; None if it is incomplete."""
    try:
        return resolve_arch([_stage(n, tensors) for n in STAGES])
    except ValueError:
        return None


def _stage(n: int, tensors: Mapping[str, Tensor]) -> Stage:
    """Return stage n, assuming that all its modules are like the first one."""
    convs = {name: m for name in tensors if (m := STAGES[n].fullmatch(name))}
    modules = {m['module'] for m in convs.values()}
    firsts = {
        (m['stream'], int(m['unit'])): _channels(tensors[name])
        for name, m in convs.items()
        if m['conv'] == '1' and m['module'] == min(modules)
    }
    streams = sorted({stream for stream, _ in firsts})
    depths = Counter(stream for stream, _ in firsts)
    deep = any(m['conv'] == '3' for m in convs.values())
    return Stage(
        modules=len(modules),
        block='bottleneck' if deep else 'basic',
        depths=tuple(depths[stream] for stream in streams),
        widths=tuple(firsts.get((stream, 0), 0) for stream in streams),
    )


def _channels(weight: Tensor) -> int:
    """Return the number of output channels; 0 for a tensor of no convolution."""
    return len(weight) if weight.dim() else 0
