"""Pictures in a folder for each class, or in a list with their classes, are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...errors import UserError, first
from .headers import check_files, headers_of
from .looks import Look, side_by_side


def look_at_folders(
    look: Look, place: Path, suffixes: Sequence[str], root: Path
) -> None:
    """Count the pictures of each class folder, and compare the names with the classes.

    Args:
        look: Look at the data set, with its classes; without any, these become the
            folders.
        place: Folder of the class folders.
        suffixes: Ends of names, in small letters, that a picture may have.
        root: Folder of the data, where what was read is remembered.
    """
    folders = sorted(path.name for path in place.iterdir() if path.is_dir())
    if look.classes and folders != look.classes and set(folders) == set(look.classes):
        look.error(
            f'the folders of {place} are labels in the order of their names, the '
            f'classes stand in another.\n'
            f'{side_by_side({"folders": folders, "classes": look.classes})}\n'
            f'  Write  {look.key}.metainfo=dict(classes={tuple(folders)})  in every '
            'data set'
        )
    look.folders = folders
    look.classes = look.classes or folders
    pictures: list[Path] = []
    others: Counter[str] = Counter()
    for label, name in enumerate(folders):
        for path in sorted((place / name).rglob('*')):
            if path.suffix.lower() in suffixes:
                pictures.append(path)
                look.occurring[label] += 1
            elif path.is_file():
                others[path.suffix] += 1
    headers = headers_of(pictures, root)
    look.pictures = (len(pictures), len(pictures) + sum(others.values()))
    check_files(look, pictures, headers)
    if others:
        number = sum(others.values())
        look.warn(f'{number} files are no pictures by name: {first(others)}')
    look.check_occurrence()


def look_at_list(
    look: Look, file: Path, place: Path, number: int | None, root: Path
) -> None:
    """Count the pictures of a list with a line `NAME NUMBER` for each.

    Args:
        look: Look at the data set.
        file: The list.
        place: Folder from which its names start.
        number: Number of classes, if it is known.
        root: Folder of the data, where what was read is remembered.

    Raises:
        UserError: The list is not UTF-8.
    """
    pictures = []
    try:
        lines = file.read_text('utf-8').splitlines()
    except UnicodeDecodeError as error:
        raise UserError(f'{file} is not UTF-8 ({error.reason})') from error
    for count, line in enumerate(lines, 1):
        name, _, label = line.strip().rpartition(' ')
        if not name or not label.isdecimal():
            look.error(
                f'{file}, line {count}: {line[:60]!r}; expected is NAME NUMBER, the '
                'name of a picture and the number of its class, from 0'
            )
            return
        if number is not None and int(label) >= number:
            look.error(
                f'{file}, line {count}: class {label}, but there are {number} classes, '
                f'0 to {number - 1}'
            )
            return
        pictures.append(place / name)
        look.occurring[int(label)] += 1
    headers = headers_of(pictures, root)
    look.pictures = (len(headers), len(pictures))
    check_files(look, pictures, headers)
    look.check_occurrence()
