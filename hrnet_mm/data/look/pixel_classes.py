"""Label maps are compared with their pictures and with the classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import first, one_line
from .headers import Header, check_files, headers_of
from .looks import Look
from .remembering import Remembered, note_in

NOTE = '.hrnet_mm_values.json'
MOST_READ = 500  # label maps whose pixels are counted, evenly chosen
ONE_CHANNEL = ('', '1', 'L', 'P', 'I', 'I;16', 'I;16B', 'I;16L')  # Pillow's modes


class Values(NamedTuple):
    """`Values` are the rule by which the pixels of a label map are classes.

    Attributes:
        number: Number of classes in the label maps.
        ignored: Value of the pixels that do not count.
        first: Value of the first class: 1 with `reduce_zero_label`, else 0.
        bits: Bits that the pipeline keeps of a value, 8 or 16.
        decoder: Library that decodes the files, as mmcv names it.
        renumbered: The data set's own number of each class in the label maps, if it
            renumbers them; `ignored` for those that it leaves out.
    """

    number: int
    ignored: int = 255
    first: int = 0
    bits: int = 8
    decoder: str = 'pillow'
    renumbered: Mapping[int, int] | None = None

    def label(self, value: int) -> int:
        """Return the data set's number of a class."""
        label = value - self.first
        return label if self.renumbered is None else self.renumbered[label]

    def are_classes(self, value: int) -> bool:
        """Tell whether a value is one of the classes."""
        return value != self.ignored and 0 <= value - self.first < self.number

    def are_allowed(self, value: int) -> bool:
        """Tell whether a value is a class or does not count."""
        return (
            self.are_classes(value)
            or value in range(self.first)
            or (value == self.ignored)
        )

    def described(self) -> str:
        """Return the allowed values in words."""
        last = self.number - 1 + self.first
        zero = ', 0 by reduce_zero_label' if self.first else ''
        return (
            f'{self.first} to {last}, and {self.ignored}{zero} for what does not count'
        )


def count_values(path: str) -> list:
    """Return the values of a label map, the number of pixels of each, and a fault.

    The lists are empty if it has several channels, or if it cannot be read, which the
    fault says.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            labels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, MemoryError) as error:  # as Pillow does
        return [[], [], f'it is damaged: {one_line(error)}']
    if labels.ndim != 2:
        return [[], [], '']
    values, counts = np.unique(labels, return_counts=True)
    return [values.astype(int).tolist(), counts.tolist(), '']


def look_at_label_maps(
    look: Look,
    pairs: Sequence[tuple[Path, Path]],
    root: Path,
    rule: Values,
) -> None:
    """Compare label maps with their pictures, and count which classes occur.

    Args:
        look: Look at the data set, with its classes.
        pairs: Each picture with its label map.
        root: Folder of the data, where what was read is remembered.
        rule: What the values mean.
    """
    look.pictures = (len(pairs), len(pairs))
    pictures = [picture for picture, _ in pairs]
    maps = [labels for _, labels in pairs]
    headers = headers_of([*pictures, *maps], root)
    check_files(look, pictures, headers)
    _check_maps(look, pairs, headers)
    _check_decoder(look, maps, headers, rule.decoder)
    if look.errors:
        return
    read = maps[:: -(-len(maps) // MOST_READ)]
    note = note_in(root, read, NOTE)
    known = Remembered(count_values, note, 'looking at the label maps')
    found = dict(zip(read, known.of(read), strict=True))
    damaged = {path: fault for path, (_, _, fault) in found.items() if fault}
    if damaged:
        look.error(cannot_be_read(list(damaged), next(iter(damaged.values()))))
        return
    totals: Counter[int] = Counter()
    for values, counts, _ in found.values():
        totals.update(dict(zip(values, counts, strict=True)))
    _check_values(look, totals, found, rule)
    for value in filter(rule.are_classes, totals):
        look.occurring[rule.label(value)] += totals[value]
    if not look.errors:
        look.check_occurrence()


def _check_maps(
    look: Look, pairs: Sequence[tuple[Path, Path]], headers: dict[Path, Header]
) -> None:
    """Add errors for label maps that are missing, damaged, colored or of other size."""
    missing = [labels for _, labels in pairs if labels not in headers]
    if missing:
        look.error(
            f'{len(missing)} of {len(pairs)} label maps are not there: '
            f'{first(missing)}\n  Set {look.key}.data_prefix.seg_map_path and '
            f'{look.key}.seg_map_suffix to their folder and the end of their names'
        )
    there = [(p, m) for p, m in pairs if p in headers and m in headers]
    damaged = [m for _, m in there if headers[m].fault]
    if damaged:
        look.error(cannot_be_read(damaged, headers[damaged[0]].fault))
    colored = [m for _, m in there if headers[m].mode not in ONE_CHANNEL]
    if colored:
        look.error(
            f'{len(colored)} of {len(pairs)} label maps are in colors '
            f'({headers[colored[0]].mode}): {first(colored)}\n  A label map has one '
            'channel, the number of the class of each pixel: convert them'
        )
    others = [(p, m) for p, m in there if _differ(headers[p], headers[m])]
    if others:
        picture, labels = headers[others[0][0]], headers[others[0][1]]
        turned = ' (turned upright by its EXIF orientation)'
        look.error(
            f'{len(others)} of {len(pairs)} label maps have another size than their '
            f'pictures: {others[0][1]} has {labels.width} x {labels.height} pixels, '
            f'its picture {picture.shown[0]} x {picture.shown[1]}'
            f'{turned if picture.orientation > 1 else ""}'
        )


def cannot_be_read(damaged: Sequence[Path], fault: str) -> str:
    """Say that label maps are damaged, and how the first one is."""
    return f'{len(damaged)} label maps cannot be read ({fault}): {first(damaged)}'


def _check_decoder(
    look: Look, maps: Sequence[Path], headers: dict[Path, Header], decoder: str
) -> None:
    """Add an error for label maps of which OpenCV makes other values than they have."""
    changed = {'P': 'colors', '1': 'values of 0 and 255'}  # by Pillow's mode
    wrong = [m for m in maps if m in headers and headers[m].mode in changed]
    if wrong and decoder == 'cv2':
        look.error(
            f'{len(wrong)} of {len(maps)} label maps become '
            f'{changed[headers[wrong[0]].mode]} by OpenCV: {first(wrong)}\n'
            "  Set imdecode_backend='pillow' in the step that loads them"
        )


def _differ(picture: Header, labels: Header) -> bool:
    known = picture.width and labels.width
    return bool(known) and picture.shown != (labels.width, labels.height)


def _check_values(
    look: Look, totals: Counter[int], found: dict[Path, list], rule: Values
) -> None:
    """Add an error for values that are no class, a warning for those that look so."""
    wrong = sorted(value for value in totals if not rule.are_allowed(value))
    largest = max(totals, default=0)
    if largest > 255 and rule.bits == 8:
        look.error(
            f'label maps have values up to {largest}, of which the pipeline keeps 8 '
            "bits: 256 would become 0.\n  Load them with dict(type='hrnet_mm."
            "LoadLabelMaps'), and set ignore_index=65535 in the data set, CheckLabels, "
            'the heads and the evaluator, seg_pad_val=65535 in the data preprocessor'
        )
    elif rule.number == 2 and set(totals) == {0, 255}:
        tell = look.error if look.trains else look.warn
        tell(
            'label maps have the values 0 and 255 alone, with two classes: 255 does '
            f'not count, so {look.classes[1]} would never be '
            f'{"learnt" if look.trains else "measured"}. If 255 stands for it:\n'
            '  Write 1 in place of 255:  python -c "import cv2, sys; [cv2.imwrite(p, '
            'cv2.imread(p, 0) // 255) for p in sys.argv[1:]]" COPIES/*.png'
        )
    elif wrong:
        path = next(path for path, (values, *_) in found.items() if wrong[0] in values)
        look.error(
            f'label maps have values that are no class: {first(wrong, 10)}, such as '
            f'{path}. Allowed are {rule.described()}.\n  Convert them to the numbers '
            'of the classes, or set classes and num_classes to what they have'
        )
    elif totals and not totals[0] and rule.first:
        look.warn(
            'no label map has the value 0, which reduce_zero_label leaves out: classes '
            'may count from 0 in other files'
        )
    elif totals and not totals[0] and totals[1]:
        look.warn(
            f'no label map has the value 0, the class {first(look.classes[:1])}: if '
            f'classes count from 1, set {look.key}.reduce_zero_label=True'
        )
