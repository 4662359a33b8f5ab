"""Numbers of annotations are finite and of a sane size, or nobody computes with them.

Python's json writes and reads NaN, and a box of NaN overlaps everything: one of them
made a precision of 1.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

FIELDS = ('bbox', 'area', 'score', 'keypoints', 'segmentation', 'joints')
LARGEST = 1e12  # an area in pixels, too


def are_finite(value: Any) -> bool:
    """Tell whether a number, or all numbers in nested lists, are finite and sane.

    What is neither a number nor a list is for others to judge.
    """
    if isinstance(value, int | float):
        return -LARGEST <= value <= LARGEST
    if isinstance(value, dict):
        return are_finite(value.get('counts'))
    if not isinstance(value, list) or not value:
        return True
    try:  # one number after the other would take ten times as long
        total, least, most = sum(value), min(value), max(value)
    except (OverflowError, TypeError):
        return all(map(are_finite, value))
    return total == total and least >= -LARGEST and most <= LARGEST


def field_not_finite(record: dict) -> str:
    """Return the name of the first field with such a number; empty if there is none."""
    return next((key for key in FIELDS if not are_finite(record.get(key))), '')


def fault_of_numbers(records: Iterable[Any]) -> str:
    """Say which of an annotation file's records has a number that is not finite."""
    for place, record in enumerate(records):
        key = field_not_finite(record) if isinstance(record, dict) else ''
        if key:
            return (
                f'annotation {place} of the list (id {record.get("id")!r}) has a '
                f"number in '{key}' that is NaN, infinite or beyond {LARGEST:g}. Mend "
                'it where the file is made, or take the annotation out'
            )
    return ''
