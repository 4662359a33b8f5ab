"""One form in which state dicts are published: how to know it, and its names here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ...errors import UserError

Tensors = dict[str, Tensor]
EPS = 1e-5  # of all norms, ours and the official ones


@cache
def _pattern(template: str) -> re.Pattern:
    """A template as the beginning of a name; each `*` stands for one part of it."""
    return re.compile(re.escape(template).replace(r'\*', r'([^.]+)'))


def renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str | None:
    """The name by the first pair (old beginning, new beginning) that fits, or None."""
    for old, new in pairs:
        found = _pattern(old).match(name)
        if found:
            for part in found.groups():
                new = new.replace('*', part, 1)
            return new + name[found.end() :]
    return None


@dataclass(frozen=True)
class Format:
    """A form of state dicts. Ours is OpenMMLab's today: `backbone.conv1.weight`.

    Attributes:
        name: What it is called, e.g. `'official segmentation'`.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`; None for
            a backbone, which has none.
        marks: Beginnings of names; a state dict is of this form if it has all of them.
        upsample: Ways of up-sampling that such weights were trained with, one or
            several that the names do not tell apart (see `published.Weights`).
        renames: Pairs of beginnings of names, theirs and ours; the first that fits
            counts. A `*` stands for one part of a name, the same in both.
        folded: Pairs of a convolution's bias (their name) and the running mean of the
            norm after it (ours): our convolutions before norms have no bias, which
            changes nothing, as the norm subtracts it again.
    """

    name: str
    task: str | None
    marks: tuple[str, ...]
    upsample: tuple[str, ...]
    renames: tuple[tuple[str, str], ...]
    folded: tuple[tuple[str, str], ...] = ()

    def fits(self, names: Iterable[str]) -> bool:
        """Whether a state dict of these names is of this form."""
        names = list(names)
        return all(
            any(_pattern(mark).match(name) for name in names) for mark in self.marks
        )

    def read(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Their tensors under our names, biases before norms folded into the norms.

        Raises:
            UserError: There is such a bias, but not the norm.
        """
        biases = [name for name in tensors if renamed(name, self.folded)]
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
            made[mean] = made[mean] - tensors[bias]
        return made

    def write(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Our tensors under their names, with biases of zero where theirs have one."""
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
