"""Nested values are looked at before anything walks through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..errors import UserError

DEEPEST = 100  # real files have fewer than 20 levels
# Values that one would meet without remembering what one has seen. Lists of classes
# are in real files as often as there are images.
MOST, FACTOR = 10_000_000, 100
BITS = 1 << 13  # of a whole number; Python refuses to write longer ones
LEAVES = (str, int, float, bool, bytes, type(None))


def parts_of(node: Any) -> Iterable[Any]:
    """Return what a dict, a list, a tuple or a set consists of; nothing for others."""
    if isinstance(node, dict):
        return [*node.keys(), *node.values()]
    return node if isinstance(node, list | tuple | set | frozenset) else ()


def check_nesting(
    content: Any, parts: Callable[[Any], Iterable[Any]] = parts_of
) -> None:
    """Check that code may walk through a value without an end in sight.

    A few hundred bytes of YAML or of a pickle can name one list ten times in the next,
    and so on; or put a list into itself.

    Args:
        content: Value to look at.
        parts: Function that returns what a value consists of.

    Raises:
        UserError: It is nested more than 100 deep, contains itself, has a number of
            thousands of digits, or would be more than ten million values if each were
            written where it is used.
    """
    weights: dict[int, int] = {}
    around: set[int] = set()

    def weigh(node: Any) -> int:
        if type(node) is int and node.bit_length() > BITS:
            raise UserError('It holds a number that is too long to be written')
        if type(node) in LEAVES:
            return 1
        known = weights.get(id(node))
        if known:
            return known
        if id(node) in around:
            raise UserError('It holds a value that contains itself')
        if len(around) > DEEPEST:
            raise UserError(f'It is nested more than {DEEPEST} deep')
        around.add(id(node))
        weights[id(node)] = weight = 1 + sum(map(weigh, parts(node)))
        around.discard(id(node))
        return weight

    whole = weigh(content)
    if whole > MOST + FACTOR * len(weights):
        raise UserError(
            f'Its {len(weights)} values refer to each other so often that they stand '
            f'for {whole:.0e}'
        )
