"""Ids of images and categories are taken from an annotation file, or it is refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import UserError
from .look.json_files import read_json, shortened

LARGEST = 2**53  # up to which all readers of JSON keep whole numbers


def read_ids(path: Path) -> tuple[dict[str, int], list[dict] | None]:
    """Return the ids of images by file name, and the categories, if there are any.

    Args:
        path: File with a list `images` of records with `id` and `file_name`, perhaps
            with a list `categories` of records with `id` and `name`.

    Raises:
        UserError: The file is no JSON, has another form, or gives an id or a name to
            several records.
    """
    content = read_json(path)
    if not isinstance(content, dict) or 'images' not in content:
        raise UserError(
            f'{path} is no COCO annotation file: expected is {{"images": [{{"id": 1, '
            '"file_name": "a.jpg"}, ...], "categories": [{"id": 1, "name": "cat"}]}'
        )
    images = _checked(path, 'images', content['images'], 'file_name')
    known = content.get('categories')
    if known is not None:
        known = _checked(path, 'categories', known, 'name')
    return {image['file_name']: image['id'] for image in images}, known


def _checked(path: Path, key: str, records: Any, name: str) -> list[dict]:
    """Return records that all have an id and a name of their own."""
    if not isinstance(records, list):
        raise UserError(f"{path}: '{key}' is no list but {shortened(records)}")
    wrong = next((each for each in records if not _is_named(each, name)), None)
    if wrong is not None or None in records:
        raise UserError(
            f"{path}: {shortened(wrong)} in '{key}' needs a whole number as 'id' and a "
            f"text as '{name}'"
        )
    for field in ('id', name):
        _refuse_double(path, key, field, records)
    return records


def _is_named(record: Any, name: str) -> bool:
    if not isinstance(record, dict):
        return False
    number, text = record.get('id'), record.get(name)
    if not isinstance(number, int) or isinstance(number, bool):
        return False
    return abs(number) <= LARGEST and isinstance(text, str) and text != ''


def _refuse_double(path: Path, key: str, field: str, records: Iterable[dict]) -> None:
    seen: dict[Any, dict] = {}
    for record in records:
        other = seen.setdefault(record[field], record)
        if other is not record:
            raise UserError(
                f"{path}: two records of '{key}' have the {field} {record[field]!r}, "
                f'{shortened(other)} and {shortened(record)}'
            )
