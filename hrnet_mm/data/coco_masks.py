"""Masks in COCO's form are examined before C code reads them, which trusts them.

pycocotools computes with run lengths and polygons without a look at them: a size or a
number that is out of bounds ends the process without a word, or draws what is not
there. Source: `maskApi.c` of pycocotools, `rleFrString`, `rleDecode`, `rleFrPoly`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

PIXELS = 1 << 30  # of a mask, each a byte when it is decoded
LARGEST = 1e6  # coordinate of a polygon, in pixels
OUTLINE = 2e7  # length of a polygon's outline in pixels, of which each takes 40 bytes
LETTERS = 7  # of a number of 32 bits, each with 5 of them
EXPECTED = (
    'expected are polygons [[x, y, x, y, x, y, ...], ...] in pixels, or run lengths '
    '{"size": [height, width], "counts": ...}'
)


def fault_of_mask(mask: Any, height: int, width: int) -> str:
    """Say why a mask cannot be that of a picture; empty if it can.

    Args:
        mask: Polygons or run lengths, as `segmentation` of an annotation.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    if isinstance(mask, dict):
        size = mask.get('size')
        known = isinstance(size, list) and size != [height, width]
        other = f'its size is {size}, that of the picture {[height, width]}'
        return other if known else fault_of_runs(mask)
    if not isinstance(mask, list) or not mask:
        return f'it is {shown(mask)}; {EXPECTED}'
    return next(filter(None, map(fault_of_outline, mask)), '')


def fault_of_outline(corners: Any, least: int = 6) -> str:
    """Say why numbers x, y, x, y, ... are no outline in pixels; empty if they are.

    Args:
        corners: A list of numbers, or an array (N,).
        least: Number of numbers that there must be.
    """
    if not isinstance(corners, list):
        # An array (N,) of whatever numbers -> as many floats
        corners = corners.tolist() if hasattr(corners, 'tolist') else corners
    if not isinstance(corners, list | tuple):
        return f'{shown(corners)} stands in place of a polygon; {EXPECTED}'
    if len(corners) < least or len(corners) % 2:
        return f'a polygon has {len(corners)} numbers; {EXPECTED}'
    try:
        total, low, high = sum(corners), min(corners), max(corners)
    except (OverflowError, TypeError):
        return f'a polygon has what is no number, {shown(corners)}; {EXPECTED}'
    if total != total or not -LARGEST <= low <= high <= LARGEST:
        return f'a polygon has NaN or reaches too far, {shown(corners)}; {EXPECTED}'
    if len(corners) * (high - low) <= OUTLINE:
        return ''
    length = _length(corners)
    return f'a polygon has an outline of {length:g} pixels' if length > OUTLINE else ''


def _length(corners: Sequence[float]) -> float:
    """Return the length of an outline along its sides, as x and y add up."""
    following = [*corners[2:], *corners[:2]]
    return sum(abs(a - b) for a, b in zip(corners, following, strict=True))


def fault_of_runs(mask: Any) -> str:
    """Say why run lengths do not make a mask of their size; empty if they do.

    Args:
        mask: A dict with `size`, height and width in pixels, and `counts`: the lengths
            of the runs, or these as letters.
    """
    if not isinstance(mask, dict) or not {'size', 'counts'} <= mask.keys():
        return f'it is {shown(mask)}; {EXPECTED}'
    size, counts = mask['size'], mask['counts']
    fault = fault_of_size(size)
    if fault:
        return fault
    pixels = int(size[0]) * int(size[1])
    if isinstance(counts, bytes | str):
        return _fault_of_letters(counts, pixels)
    counts = counts.tolist() if hasattr(counts, 'tolist') else counts
    if not isinstance(counts, list | tuple) or set(map(type, counts)) - {int}:
        return f'its counts are {shown(counts)}, no whole numbers; {EXPECTED}'
    return _fault_of_lengths(min(counts, default=0), sum(counts), pixels)


def fault_of_size(size: Any) -> str:
    """Say why a value is no height and width of a mask in pixels."""
    try:
        height, width = map(_whole, size)
    except (OverflowError, TypeError, ValueError):
        return f'its size is {shown(size)}; expected is [height, width] in pixels'
    if height < 1 or width < 1 or height * width > PIXELS:
        return f'its size is {[height, width]}: too small or too large for a mask'
    return ''


def _whole(value: Any) -> int:
    """Return a whole number, also one of NumPy."""
    if value != int(value) or isinstance(value, bool | str):
        raise ValueError(value)
    return int(value)


# The same mask is asked about several times: its area, its box, what it overlaps.
@lru_cache(maxsize=4096)
def _fault_of_letters(counts: bytes | str, pixels: int) -> str:
    """Say why letters are no run lengths of a number of pixels."""
    import numpy as np

    letters = counts.encode(errors='replace') if isinstance(counts, str) else counts
    codes = np.frombuffer(letters, np.uint8).astype(np.int64) - 48
    # A number goes on in the next letter unless its sixth bit is 0.
    ends = np.flatnonzero((codes & 32) == 0)
    sizes = np.diff(ends, prepend=-1)
    damaged = len(ends) == 0 or ends[-1] != len(codes) - 1 or sizes.max() > LETTERS
    if damaged or codes.min() < 0 or codes.max() > 63:
        return f'its counts {shown(counts)} are damaged or cut off'
    place = np.arange(len(codes)) - np.repeat(ends - sizes + 1, sizes)
    parts = (codes & 31) << (5 * place)
    numbers = np.add.reduceat(parts, ends - sizes + 1)
    numbers -= ((codes[ends] & 16) > 0) * (np.int64(1) << (5 * sizes))
    # From the fourth on they are differences to the last but one.
    numbers[1::2] = numbers[1::2].cumsum()
    numbers[2::2] = numbers[2::2].cumsum()
    return _fault_of_lengths(int(numbers.min()), int(numbers.sum()), pixels)


def _fault_of_lengths(least: int, total: int, pixels: int) -> str:
    if least < 0:
        return 'its counts have a negative number'
    return '' if total == pixels else f'its counts sum to {total}, not {pixels} pixels'


def shown(value: Any, most: int = 50) -> str:
    """Return a value as one short text."""
    text = repr(value[:20] if isinstance(value, bytes | list | str) else value)
    return text if len(text) <= most else f'{text[:most]}...'
