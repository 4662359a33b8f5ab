"""Boxes that a detector has left in COCO's result format are read in one place.

Format: https://cocodataset.org/#format-results
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UserError
from .look.json_files import read_json, shortened

LARGEST = 1e6  # number of a box, in pixels
EXPECTED = (
    "expected a list like [{'image_id': 785, 'category_id': 1, 'bbox': [x, y, width, "
    "height], 'score': 0.9}, ...], as detectors write COCO results, with finite "
    'numbers in pixels, width and height not below 0'
)


def read_boxes(path: Path, needs: Sequence[str] = ()) -> list[dict]:
    """Read the boxes of a file; there may be none.

    Args:
        path: File with a list of `bbox` [x, y, width, height] in pixels and `image_id`
            or `file_name`, perhaps with `score` and `category_id`.
        needs: Keys that every box must have besides.

    Raises:
        UserError: The file is not JSON, or is no such list.
    """
    records = read_json(path)
    if not isinstance(records, list):
        raise UserError(f'{path} is not a list of boxes: {EXPECTED}')
    for place, record in enumerate(records):
        if not is_box(record, needs):
            raise UserError(
                f'{path}: record {place}, {shortened(record)}, is no box; {EXPECTED}'
            )
    return records


def is_box(record: Any, needs: Sequence[str] = ()) -> bool:
    """Tell whether a value is a box of some image, with all keys that it needs.

    Its numbers are finite and of a sane size: a box of NaN would overlap every other.
    """
    if not isinstance(record, dict) or not set(needs) <= record.keys():
        return False
    box, score = record.get('bbox'), record.get('score', 1.0)
    if not isinstance(box, list) or len(box) != 4:
        return False
    if not all(map(_is_sane, [*box, score])) or min(box[2:]) < 0:
        return False
    return isinstance(image_of(record), int | str)


def _is_sane(value: Any) -> bool:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return numeric and -LARGEST <= value <= LARGEST  # NaN is not


def image_of(record: dict) -> Any:
    """Return the id or the file name of the image that a box is on."""
    return record.get('image_id', record.get('file_name'))
