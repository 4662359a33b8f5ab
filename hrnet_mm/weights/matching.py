"""The tensors of a checkpoint are compared with those of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..errors import UserError, first
from ..models.archs import name_of
from ..models.hrnet import HRNet
from .tensor_names import LOWER_OUTPUTS, part_of

COUNTER = 'num_batches_tracked'
MEAN = 'running_mean'


class Match(NamedTuple):
    """A `Match` describes which tensors of a checkpoint fit a model.

    Attributes:
        model: Name of the model for messages, e.g. `'hrnet_w32'`.
        tensors: Tensors that fit by name and shape, under the model's names.
        total: Number of tensors of the model, without BatchNorm's counters that the
            file lacks.
        missing: Names of the model's tensors that are not in the file.
        misfits: Names of tensors in the file with another shape, type or norm than
            the model's, each with the reason.
        left: Number of tensors that the model does not have, by part of the network.
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
        """Return the number of tensors that fit, and what is left aside, as one line.

        Args:
            verb: What happened to the tensors that fit, e.g. `'loaded'` or `'fit'`.
        """
        line = f'{len(self.tensors)}/{self.total} tensors of {self.model} {verb}'
        parts = [f'{count} of {part}' for part, count in self.left.items()]
        return f'{line}, {", ".join(parts)} left aside' if parts else line

    @property
    def complete(self) -> bool:
        """Return True if every tensor of the model was found."""
        return len(self.tensors) == self.total

    @property
    def problems(self) -> str:
        """Return the first names that do not fit, one line for each kind of problem."""
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
        """Return True if only layers that HRNetV1 does not have are missing."""
        names = [*self.missing, *self.misfits]
        return all(LOWER_OUTPUTS.match(name) for name in names)


def hrnet_in(model: nn.Module) -> HRNet | None:
    """Return the first HRNet in a model, or None if it has none."""
    return next((part for part in model.modules() if isinstance(part, HRNet)), None)


def title(model: nn.Module) -> str:
    """Return `hrnet_w32`, or `FasterRCNN (hrnet_w32)` for a whole model."""
    body, kind = hrnet_in(model), type(model).__name__
    if body is None:
        return kind
    arch = f'hrnet_{name_of(body.arch) or "of another arch"}'
    return arch if body is model else f'{kind} ({arch})'


def has_all(model: nn.Module, tensors: Mapping[str, Tensor]) -> bool:
    """Tell whether all tensors of a model fit, in one place of a checkpoint or more."""
    starts = beginnings(set(model.state_dict()), tensors)
    return match(model, tensors, prefix=starts[0]).complete


def beginnings(names: set[str], tensors: Mapping[str, Tensor]) -> list[str]:
    """Return the prefixes of a checkpoint's names that a part of a model lacks.

    For a backbone and the checkpoint of a whole model, this is `backbone.` alone. There
    are several if equally many names fit with each.
    """
    fitting: Counter[str] = Counter()
    for name in tensors:
        words = name.split('.')
        starts = [''.join(f'{word}.' for word in words[:depth]) for depth in range(3)]
        fitting.update(start for start in starts if name[len(start) :] in names)
    most = max(fitting.values(), default=0)
    return sorted(start for start in fitting if fitting[start] == most) or ['']


def beginning(names: set[str], tensors: Mapping[str, Tensor], prefix: str) -> str:
    """Return the one prefix, see `beginnings`.

    Args:
        names: Names of the model's tensors.
        tensors: Tensors of the checkpoint.
        prefix: The prefix to take of several.

    Raises:
        UserError: Several fit equally well, and none of them is given.
    """
    starts = beginnings(names, tensors)
    if len(starts) > 1 and prefix not in starts:
        under = ' and '.join(map(repr, starts[:5]))
        raise UserError(
            f'the checkpoint has {len(starts)} parts that fit equally well, with '
            f'{under} in front of their names. Choose with prefix={starts[0]!r} of '
            'hrnet_mm.load or Pretrained'
        )
    return prefix if prefix in starts else starts[0]


def match(
    model: nn.Module,
    tensors: Mapping[str, Tensor],
    task: str | None = None,
    folded: Iterable[str] = (),
    prefix: str = '',
) -> Match:
    """Compare the names and shapes of a checkpoint's tensors with a model's.

    Counters of BatchNorm may be absent, as in files of old torch versions.

    Args:
        model: A whole model, or a part of one: a backbone, a neck, a head.
        tensors: Tensors of a whole model under our names.
        task: Task of the whole model, if it is known.
        folded: Names of tensors of the file that have been folded into the norms.
        prefix: Beginning of the names to take, if several parts fit equally well.

    Raises:
        UserError: Several parts fit equally well, and `prefix` names none of them.
    """
    own = model.state_dict()
    start = beginning(set(own), tensors, prefix)
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
    """Explain why a tensor cannot be copied into the model's; empty if it can."""
    if given.layout != torch.strided or given.is_quantized or given.is_meta:
        return 'sparse, quantized or without values'
    if own.is_floating_point() and not given.is_floating_point():
        return f'{given.dtype} for {own.dtype}'
    if given.shape != own.shape:
        return f'{tuple(given.shape)} for {tuple(own.shape)}'
    return ''
