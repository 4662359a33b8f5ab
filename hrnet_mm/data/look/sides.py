"""Names of a left and a right are compared with what a mirror image exchanges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .looks import Look

OTHER = dict(left='right', right='left', l='r', r='l')
# The words, or the letters as words of a longer name: `left_eye`, `eye.l`, `R Ankle`.
SIDE = re.compile(r'left|right|(?<![a-z])[lr](?=[^a-z])|(?<=[^a-z])[lr](?![a-z])')


def partners(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of names that differ in their side alone, by their numbers.

    >>> partners(['nose', 'left_eye', 'Right_Eye', 'bright'])
    [(1, 2)]
    """
    numbers = {name.lower(): i for i, name in enumerate(names)}
    found = []
    for name, i in numbers.items():
        j = numbers.get(SIDE.sub(lambda side: OTHER[side[0]], name), i)
        found += [(i, j)] if i < j else []
    return sorted(found)


def check_sides(
    look: Look,
    names: Sequence[str],
    exchanged: Iterable[Sequence[int]],
    *,
    remedy: str,
) -> None:
    """Compare what a mirror image exchanges with the names.

    Args:
        look: Look at the data set. It gets an error for a name that is exchanged with
            another one than its partner, and a warning for pairs that stay.
        names: Names of the classes or key points.
        exchanged: Pairs of their numbers that a mirror image exchanges.
        remedy: What to write, with `{}` for the pairs.
    """
    expected = partners(names)
    given = {(min(pair), max(pair)) for pair in exchanged}
    sided = {i for pair in expected for i in pair}
    beyond = sorted(pair for pair in given if pair[1] >= len(names))
    wrong = sorted(p for p in given - set(expected) if sided & set(p))
    missing = [pair for pair in expected if pair not in given]
    if beyond:
        look.error(
            f'a mirror image exchanges {beyond[0][0]} with {beyond[0][1]}, but the '
            f'last is {len(names) - 1}.\n  {remedy.format(expected)}'
        )
    elif wrong:
        i, j = wrong[0]
        look.error(
            f'a mirror image exchanges {names[i]} ({i}) with {names[j]} ({j}).\n'
            f'  {remedy.format(expected)}'
        )
    elif missing:
        i, j = missing[0]
        look.warn(
            f'in a mirror image {names[i]} stays {names[i]}, though it is '
            f'{names[j]} there ({len(missing)} such pairs).\n'
            f'  {remedy.format(expected)}'
        )


def check_classes(look: Look, flip: Mapping[str, Any], remedy: str) -> None:
    """Compare what a step `RandomFlip` does with the names of the classes.

    Args:
        look: Look at the data set, with its classes or class folders.
        flip: Config of the step; empty if the pipeline has none.
        remedy: As for `check_sides`.
    """
    if flip.get('prob') and flip.get('direction') != 'vertical':
        pairs = flip.get('swap_seg_labels') or ()
        check_sides(look, look.classes or look.folders, pairs, remedy=remedy)
