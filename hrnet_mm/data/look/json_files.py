"""An annotation file of COCO's form is read, and what is wrong with it is named."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any

from ...errors import UserError
from ..coco_numbers import are_finite
from .looks import rewritten

MARKS = {
    codecs.BOM_UTF8: 'utf-8-sig',
    codecs.BOM_UTF16_LE: 'utf-16',
    codecs.BOM_UTF16_BE: 'utf-16',
}
LISTS = ('images', 'annotations', 'categories')
FORM = (
    'expected is the form of COCO: '
    '{"images": [...], "annotations": [...], "categories": [...]}'
)


@dataclass
class AnnotationFile:
    """An `AnnotationFile` is the content of a file in COCO's form.

    Attributes:
        path: The file.
        images: Records of the images by id.
        annotations: Records of the objects.
        categories: Records of the categories, in the file's order.
    """

    path: Path
    images: dict[Any, dict] = field(default_factory=dict)
    annotations: list[dict] = field(default_factory=list)
    categories: list[dict] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the names of the categories, in the file's order."""
        return [category['name'] for category in self.categories]


def read_json(path: Path) -> Any:
    """Read a JSON file in UTF-8.

    Raises:
        UserError: The file is missing, empty, cut off, in another encoding, is no
            JSON, or gives a record one key twice.
    """
    if path.exists() and not path.is_file():
        raise UserError(f'{path} is no file')  # a pipe would be waited for
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f'{path} cannot be read: {error.strerror}') from error
    if not content.strip():
        raise UserError(f'{path} is empty: fetch or make it again')
    encoding = next((e for mark, e in MARKS.items() if content.startswith(mark)), None)
    if encoding:
        raise UserError(
            f'{path} is in the encoding {encoding}; the toolboxes read UTF-8 without a '
            f'mark.\n  Write it so:  {rewritten(path, "pass", encoding)}'
        )
    try:
        return json.loads(content.decode(), object_pairs_hook=_without_repetition)
    except UserError as error:
        raise UserError(f'{path}: {error}') from error
    except UnicodeDecodeError as error:
        line = content.count(b'\n', 0, error.start) + 1
        raise UserError(
            f'{path}, line {line}: it is not UTF-8 (byte {content[error.start]:#x}). '
            'Write it so, with the encoding it has in place of gbk:  '
            f'{rewritten(path, "pass", "gbk")}'
        ) from error
    except json.JSONDecodeError as error:
        cut = error.pos >= len(content.rstrip()) - 1 or 'Unterminated' in error.msg
        what = 'ends in the middle: it was cut off' if cut else error.msg
        raise UserError(
            f'{path}, line {error.lineno}, is not JSON: {what}. Fetch or make it again'
        ) from error
    except RecursionError as error:
        raise UserError(f'{path} is nested too deeply; {FORM}') from error
    except ValueError as error:  # a number of thousands of digits
        raise UserError(f'{path} cannot be read: {error}') from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a record of its keys and values, of which JSON keeps the last ones only."""
    record = dict(pairs)
    if len(record) != len(pairs):
        double = next(key for key, n in Counter(k for k, _ in pairs).items() if n > 1)
        raise UserError(
            f"a record has the key '{double}' twice: {shortened(record)}. Take one out"
        )
    return record


def annotations_in(path: Path, content: Any, annotated: bool = True) -> AnnotationFile:
    """Check that a file's content has lists of records with ids and names.

    Args:
        path: The file.
        content: Its content.
        annotated: False if it may have images and categories alone, as for a test.

    Raises:
        UserError: It has another form.
    """
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise UserError(f'{path} holds a {kind} of {_length(content)}; {FORM}')
    needed = LISTS if annotated else ('images', 'categories')
    missing = [key for key in needed if key not in content]
    if missing:
        has = ', '.join(map(str, content)) or 'nothing'
        raise UserError(f'{path} has no {" and no ".join(missing)}, only {has}; {FORM}')
    lists = {key: content.get(key) or [] for key in LISTS}
    for key, records in lists.items():
        is_list = isinstance(records, list)
        if not is_list or not all(isinstance(each, dict) for each in records):
            raise UserError(f'{path}: {key} is no list of records; {FORM}')
    _require(path, 'images', lists['images'], ('id', 'file_name'))
    _require(path, 'categories', lists['categories'], ('id', 'name'))
    for key, name in (('images', 'file_name'), ('categories', 'name')):
        unnamed = [i for i in lists[key] if not isinstance(i[name], str)]
        if unnamed:
            raise UserError(
                f'{path}: {len(unnamed)} of {len(lists[key])} {key} have a '
                f"'{name}' that is no text, such as {shortened(unnamed[0])}"
            )
    images = {image['id']: image for image in lists['images']}
    return AnnotationFile(path, images, lists['annotations'], lists['categories'])


def _length(content: Any) -> str:
    try:
        return f'{len(content)} entries'
    except TypeError:
        return repr(content)


def _require(path: Path, key: str, records: list[dict], names: Iterable[str]) -> None:
    for name in names:
        lacking = [record for record in records if not _is_label(record.get(name))]
        if lacking:
            raise UserError(
                f"{path}: {len(lacking)} of {len(records)} {key} have no '{name}', "
                f'such as {shortened(lacking[0])}'
            )


def _is_label(value: Any) -> bool:
    return isinstance(value, int | str) and value != ''


def shortened(record: Any, most: int = 90) -> str:
    """Return a record as one short text."""
    text = json.dumps(record, ensure_ascii=False)
    return text if len(text) <= most else f'{text[:most]}...'


def are_numbers(values: Any, length: int | None = None) -> bool:
    """Tell whether a value is a list of finite numbers, of a given length if any."""
    if not isinstance(values, list) or length not in (None, len(values)):
        return False
    numeric = all(isinstance(v, Real) and not isinstance(v, bool) for v in values)
    return numeric and are_finite(values)


UNLISTED = 'of pictures that the file does not list'
# What may be wrong with an annotation: what is found, the statement that mends a copy
# of the file (empty if only its maker can), and the test.
Fault = tuple[str, str, Callable[[dict], bool]]
EACH = "[a.update({key}={value}) for a in d['annotations'] if a.get('{key}') is None]"
NUMBERED = "[a.update(id=i) for i, a in enumerate(d['annotations'], 1)]"
GENERAL: tuple[Fault, ...] = (
    ("have no 'id'", NUMBERED, lambda a: a.get('id') is None),
    (
        "have an 'id' that is no whole number",
        NUMBERED,
        lambda a: a.get('id') is not None and not _is_whole(a['id']),
    ),
    ("have no 'image_id'", '', lambda a: not _is_label(a.get('image_id'))),
    ("have no 'category_id'", '', lambda a: not _is_label(a.get('category_id'))),
    ("have no 'bbox'", '', lambda a: a.get('bbox') is None),
    (
        "have a 'bbox' that is not four finite numbers x, y, width, height",
        '',
        lambda a: a.get('bbox') is not None and not are_numbers(a['bbox'], 4),
    ),
    (
        "have no 'area'",
        EACH.format(key='area', value="a['bbox'][2] * a['bbox'][3]"),
        lambda a: a.get('area') is None,
    ),
    (
        "have an 'area' that is no finite number",
        '',
        lambda a: a.get('area') is not None and not are_numbers([a['area']]),
    ),
)
NO_CROWD: Fault = (
    "have no 'iscrowd'",
    EACH.format(key='iscrowd', value='0'),
    lambda a: a.get('iscrowd') is None,
)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def faults_of(file: AnnotationFile, tests: Iterable[Fault]) -> list[str]:
    """Return a message for each fault that annotations of a file have."""
    found = []
    for what, change, test in tests:
        wrong = [each for each in file.annotations if test(each)]
        if wrong:
            text = f'{len(wrong)} of {len(file.annotations)} annotations {what}'
            text = f'{text}, such as {shortened(wrong[0])}'
            mend = (
                f'  Mend a copy:  {rewritten(file.path, change)}'
                if change
                else '  Mend it where the file is made, or take these annotations out'
            )
            found.append(f'{file.path}: {text}\n{mend}')
    return found


def repeated_ids(file: AnnotationFile) -> list[str]:
    """Return a message if several annotations have one id."""
    ids = [each.get('id') for each in file.annotations]
    hashable = [number for number in ids if _is_label(number)]
    double = len(hashable) - len(set(hashable))
    if not double:
        return []
    return [
        f'{file.path}: {double} annotations have the id of another one; ids do not '
        'start again in every picture.\n'
        f'  Mend a copy:  {rewritten(file.path, NUMBERED)}'
    ]


def without_size(file: AnnotationFile) -> list[str]:
    """Return a message if images have no size."""
    images = file.images.values()
    lacking = [image for image in images if not has_size(image)]
    if not lacking:
        return []
    return [
        f"{file.path}: {len(lacking)} of {len(images)} images have no 'width' "
        f'and height above 0, such as {lacking[0]}'
    ]


def has_size(image: dict) -> bool:
    """Return whether an image's width and height are numbers above 0."""
    size: list[Any] = [image.get('width'), image.get('height')]
    return are_numbers(size, 2) and min(size) > 0


@lru_cache(maxsize=4)
def _once(path: Path, _stamp: int) -> Any:
    return read_json(path)


def content_of(path: Path) -> Any:
    """Return the content of a JSON file, read once until `forget_files`.

    Raises:
        UserError: As for `read_json`.
    """
    return _once(path, path.stat().st_mtime_ns if path.is_file() else 0)


def annotations_of(path: Path, annotated: bool = True) -> AnnotationFile:
    """Return the annotations of a file, read once until `forget_files`.

    Args:
        path: The file.
        annotated: False if it may have images and categories alone, as for a test.

    Raises:
        UserError: It is no JSON, or has another form.
    """
    return annotations_in(path, content_of(path), annotated)


def forget_files() -> None:
    """Release the memory of the files that have been read."""
    _once.cache_clear()
