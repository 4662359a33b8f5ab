"""A `Look` is what was found in one data set: counts, errors and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import first

OWN_WAY = 'as its class reads files in a way of its own'


@dataclass
class Look:
    """A `Look` holds the counts of one data set, and what is wrong with it.

    Attributes:
        name: Where the set is in the config, such as `train` or `val`.
        key: Key of the set in the config, such as `val_dataloader.dataset`.
        trains: True if a network is trained on it, False if it is measured.
        classes: Names of its classes, in the order of their labels.
        folders: Names of its class folders, in the order of their labels.
        unit: What is counted besides pictures: objects or people.
        pictures: Number of pictures that are used, and of all.
        things: Number of objects that are used, and of all; None if none are counted.
        left_out: Number of objects that are not used, by the reason.
        occurring: Number of used objects by the index of their class.
        errors: What stops a run, each with its remedy.
        warnings: What is strange but may be meant.
        in_8_bits: True if its pictures become 8 bits when they are loaded.
    """

    name: str
    key: str
    trains: bool = True
    classes: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    unit: str = 'objects'
    pictures: tuple[int, int] = (0, 0)
    things: tuple[int, int] | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    occurring: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    in_8_bits: bool = True

    def error(self, text: str) -> None:
        """Add what stops a run, with the name of the set."""
        self.errors.append(f'{self.name}: {text}')

    def warn(self, text: str) -> None:
        """Add what is strange but may be meant, with the name of the set."""
        self.warnings.append(f'{self.name}: {text}')

    @property
    def counted(self) -> bool:
        """Return True if the pictures have been counted."""
        return self.pictures[1] > 0

    def line(self) -> str:
        """Return the counts in one line.

        >>> look = Look('val', '', pictures=(8, 8), things=(1, 3))
        >>> look.left_out['outside the picture'] = 2
        >>> look.line()
        'val: 8 of 8 pictures, 1 of 3 objects (2 outside the picture)'
        """
        if not self.counted:
            why = 'because of what is wrong' if self.errors else OWN_WAY
            return f'{self.name}: not counted, {why}'
        parts = ['{} of {} pictures'.format(*self.pictures)]
        if self.things is not None:
            causes = ', '.join(f'{n} {why}' for why, n in self.left_out.most_common())
            kept = '{} of {} {}'.format(*self.things, self.unit)
            parts.append(f'{kept} ({causes})' if causes else kept)
        return f'{self.name}: {", ".join(parts)}'

    def check_occurrence(self) -> None:
        """Warn of the classes that never occur."""
        missing = [name for i, name in enumerate(self.classes) if not self.occurring[i]]
        if missing and self.occurring:
            what = 'trained' if self.trains else 'measured'
            self.warn(
                f'{len(missing)} of {len(self.classes)} classes never occur, so they '
                f'are not {what}: {first(missing)}'
            )


def side_by_side(lists: Mapping[str, Sequence[Any]], most: int = 12) -> str:
    """Return lists of names below each other, each under its title.

    >>> print(side_by_side({'file': 'ab', 'config': 'b'}))
      file:   a, b
      config: b
    """
    width = max(map(len, lists))
    return '\n'.join(
        f'  {title}:{" " * (width - len(title))} {first(names, most)}'
        for title, names in lists.items()
    )


def rewritten(path: Path, change: str, encoding: str = 'utf-8') -> str:
    """Return the command that writes a changed copy of a JSON file.

    Args:
        path: The file.
        change: Python statement about the content `d`.
        encoding: Encoding in which the file is to be read.
    """
    new = path.with_name(f'{path.stem}_new.json')
    return (
        f"python -c \"import json; d = json.load(open(r'{path}', "
        f"encoding='{encoding}')); {change}; json.dump(d, open(r'{new}', 'x'))\"\n"
        f'  and name {new.name} as ann_file, of the data set and of its evaluator'
    )
