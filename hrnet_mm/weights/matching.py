"""How the tensors of a checkpoint fit a model, in numbers and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..models.archs import name_of
from ..models.hrnet import HRNet
from .tensor_names import LOWER_OUTPUTS, first, part_of

COUNTER = 'num_batches_tracked'
MEAN = 'running_mean'


class Match(NamedTuple):
    """How a state dict fits a model.

    Attributes:
        model: What the model is called, e.g. `'hrnet_w32'`.
        tensors: Those that fit by name and shape, by the model's names.
        total: Tensors that the model has, without counters that the file lacks.
        missing: Names of the model's tensors that are not in the file.
        misfits: Those that are, but of another shape, type or norm, with the reason.
        left: What the model has no use for: how many tensors, by the part of a network
            that they are of.
    """

    model: str
    tensors: dict[str, Tensor]
    total: int
    missing: list[str]
    misfits: list[str]
    left: dict[str, int]

    def __str__(self) -> str:
        return self.line('loaded')

    def line(self, verb: str) -> str:
        """How many tensors are `verb`, and what is left."""
        line = f'{len(self.tensors)}/{self.total} tensors of {self.model} {verb}'
        parts = [f'{count} of {part}' for part, count in self.left.items()]
        return f'{line}, {", ".join(parts)} left aside' if parts else line

    @property
    def complete(self) -> bool:
        """Whether every tensor of the model is there."""
        return len(self.tensors) == self.total

    @property
    def problems(self) -> str:
        """The first names that do not fit, one line for each kind."""
        kinds = {
            'missing in the file': self.missing,
            'of another kind': self.misfits,
        }
        return '\n'.join(
            f'  {kind}: {first(names, most=5)}'
            for kind, names in kinds.items()
            if names
        )

    @property
    def lacks_lower_outputs(self) -> bool:
        """Whether nothing is missing but what HRNetV1 does not have."""
        names = [*self.missing, *self.misfits]
        return all(LOWER_OUTPUTS.match(name) for name in names)


def hrnet_in(model: nn.Module) -> HRNet | None:
    """The first HRNet of a model."""
    return next((part for part in model.modules() if isinstance(part, HRNet)), None)


def title(model: nn.Module) -> str:
    """`hrnet_w32`, or `FasterRCNN (hrnet_w32)` for what has one inside."""
    body, kind = hrnet_in(model), type(model).__name__
    if body is None:
        return kind
    arch = f'hrnet_{name_of(body.arch) or "of another arch"}'
    return arch if body is model else f'{kind} ({arch})'


def beginning(names: set[str], tensors: Mapping[str, Tensor]) -> str:
    """What the names of a model lack at their start: `backbone.` for a backbone."""
    parts = {'', *(name.split('.')[0] + '.' for name in tensors)}
    parts |= {'.'.join(name.split('.')[:2]) + '.' for name in tensors}
    fitting = {part: sum(part + name in tensors for name in names) for part in parts}
    return max(sorted(parts), key=fitting.__getitem__)


def match(
    model: nn.Module,
    tensors: Mapping[str, Tensor],
    task: str | None = None,
    folded: Iterable[str] = (),
) -> Match:
    """Compare names and shapes; counters of BatchNorm may be absent (old torch).

    Args:
        model: A whole model, or a part of one: a backbone, a neck, a head.
        tensors: Those of a whole model, by our names.
        task: Of the whole model.
        folded: Names of what else was in the file and is in the norms now.
    """
    own = model.state_dict()
    start = beginning(set(own), tensors)
    there = {name: tensors[start + name] for name in own if start + name in tensors}
    missing = [name for name in own if name not in there]
    counters = [
        name
        for name in missing
        if name.endswith(COUNTER) and name.replace(COUNTER, MEAN) in there
    ]
    used = {start + name for name in there}
    unused = [name for name in tensors if name not in used]
    unused += [x for x in folded if x.rpartition('.')[0] + '.weight' not in used]
    reasons = {name: misfit(x, own[name]) for name, x in there.items()}
    for name in there:
        norm = name.rpartition('.')[0]
        batches = f'{start}{norm}.{MEAN}' in tensors
        if batches and f'{norm}.{MEAN}' not in own and not reasons[name]:
            reasons[name] = 'of BatchNorm, for another norm'
    return Match(
        title(model),
        {name: x for name, x in there.items() if not reasons[name]},
        len(own) - len(counters),
        [name for name in missing if name not in counters],
        [f'{name} {reason}' for name, reason in reasons.items() if reason],
        dict(Counter(part_of(name, task) for name in unused)),
    )


def misfit(given: Tensor, own: Tensor) -> str:
    """Why a tensor cannot be copied into the model's; empty if it can."""
    if given.layout != torch.strided or given.is_quantized or given.is_meta:
        return 'sparse, quantized or without values'
    if own.is_floating_point() and not given.is_floating_point():
        return f'{given.dtype} for {own.dtype}'
    if given.shape != own.shape:
        return f'{tuple(given.shape)} for {tuple(own.shape)}'
    return ''
