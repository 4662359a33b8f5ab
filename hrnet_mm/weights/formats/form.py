"""A form of published state dicts is recognized, and its names become ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ...errors import UserError

Tensors = dict[str, Tensor]
EPS = 1e-5  # epsilon of all norms, ours and the official ones


@cache
def _pattern(template: str) -> re.Pattern:
    """Compile a pattern for the beginning of a name; `*` matches one dotted part."""
    return re.compile(re.escape(template).replace(r'\*', r'([^.]+)'))


def renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str | None:
    """Rename by the first pair (old beginning, new beginning) that fits.

    Returns:
        The new name; None if no pair fits.
    """
    for old, new in pairs:
        found = _pattern(old).match(name)
        if found:
            for part in found.groups():
                new = new.replace('*', part, 1)
            return new + name[found.end() :]
    return None


@dataclass(frozen=True)
class Format:
    """A `Format` describes one form of state dicts and how its names become ours.

    Our names are those of today's OpenMMLab, such as `backbone.conv1.weight`.

    Attributes:
        name: Name for messages, e.g. `'official segmentation'`.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`; None for
            a backbone, which has no task.
        marks: Beginnings of names; a state dict has this form if it has all of them.
        upsample: Modes of up-sampling that such weights were trained with; several if
            the names do not distinguish them (see `published.Weights`).
        renames: Pairs of beginnings of names, theirs and ours; the first that fits is
            used. A `*` matches one part of a name, the same in both.
        folded: Pairs of a convolution's bias (their name) and the running mean of the
            norm after it (our name). Our convolutions before norms have no bias, which
            changes nothing, as the norm would subtract it again.
    """

    name: str
    task: str | None
    marks: tuple[str, ...]
    upsample: tuple[str, ...]
    renames: tuple[tuple[str, str], ...]
    folded: tuple[tuple[str, str], ...] = ()

    def fits(self, names: Iterable[str]) -> bool:
        """Tell whether a state dict with these names has this form."""
        names = list(names)
        return all(
            any(_pattern(mark).match(name) for name in names) for mark in self.marks
        )

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Return their tensors under our names, with biases folded into the norms.

        Raises:
            UserError: A bias is there, but not the running mean of its norm.
        """
        biases = {name: None for name in tensors if renamed(name, self.folded)}
        made = {
            renamed(name, self.renames) or name: tensor
            for name, tensor in tensors.items()
            if name not in biases
        }
        for bias in biases:
            mean = renamed(bias, self.folded)
            if mean not in made:
                raise UserError(
                    f'the checkpoint ({self.name}) has {bias}, but no running mean of '
                    'the norm after it; is it complete?'
                )
            if made[mean].shape != tensors[bias].shape:
                raise UserError(
                    f'the checkpoint ({self.name}) has {bias} of shape '
                    f'{tuple(tensors[bias].shape)}, but the norm after it has '
                    f'{tuple(made[mean].shape)}'
                )
            made[mean] = made[mean] - tensors[bias]
        return made

    def write(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Return our tensors under their names, with zeros for biases that we lack."""
        back = [(ours, theirs) for theirs, ours in self.renames]
        made = {renamed(name, back) or name: value for name, value in tensors.items()}
        biases = [(ours, theirs) for theirs, ours in self.folded]
        for name, tensor in tensors.items():
            bias = renamed(name, biases)
            if bias:
                made[bias] = torch.zeros_like(tensor)
        return made


PARTS: tuple[str, ...] = ('conv1', 'bn1', 'conv2', 'bn2', 'layer1')
PARTS += ('transition1', 'transition2', 'transition3', 'stage2', 'stage3', 'stage4')
BACKBONE = Format(
    name='backbone',
    task=None,
    marks=('stage4.',),
    upsample=(),
    renames=tuple((f'{part}.', f'backbone.{part}.') for part in PARTS),
)
