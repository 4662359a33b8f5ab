"""The header of an image file tells its size, its turn, its depth, and most damages."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...errors import first
from .looks import Look
from .remembering import Remembered, note_in

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

NOTE = '.hrnet_mm_headers.json'
ORIENTATION = 0x0112  # EXIF's tag
TURNED = (5, 6, 7, 8)  # orientations that exchange width and height
TAIL = 4096  # bytes at the end of a file in which its end mark is looked for
DARK = 1 << 14  # largest value below which an image of 16 bits is taken for dark
SAMPLE = 8  # deep images whose values are read
HTML = (b'<!doctype', b'<html', b'<?xml')
UNTURNED = "dict(type='LoadImageFromFile', color_type='color_ignore_orientation')"


class Header(NamedTuple):
    """A `Header` is what the first bytes of an image file tell.

    Attributes:
        width: Width in pixels, as stored; 0 if it is not known.
        height: Height in pixels, as stored.
        orientation: EXIF's orientation, 1 to 8; 1 is upright.
        mode: Pillow's mode, such as `RGB`, `P` or `I;16`, or `RGB;16`.
        fault: Why the file cannot be read; empty if nothing speaks against it.
    """

    width: int = 0
    height: int = 0
    orientation: int = 1
    mode: str = ''
    fault: str = ''

    @property
    def shown(self) -> tuple[int, int]:
        """Return width and height as OpenCV loads the image, turned upright."""
        if self.orientation in TURNED:
            return self.height, self.width
        return self.width, self.height


def read_header(path: str) -> list:
    """Return the fields of a file's `Header`."""
    from PIL import Image, UnidentifiedImageError

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # pixels stay unread
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter('ignore')  # about unusual tags
            fault = _cut_off(path, image.format or '')
            return [image.width, image.height, _turn(image), _mode(image), fault]
    except UnidentifiedImageError:
        return [*Header(fault=_unknown(path))]
    except OSError as error:
        return [*Header(fault=error.strerror or str(error))]
    except Exception as error:  # Pillow's readers raise many kinds on damaged headers
        return [*Header(fault=f'its header is damaged ({error})')]
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _turn(image: Image.Image) -> int:
    """Return EXIF's orientation, 1 without one."""
    # Of a PNG without EXIF before its pixels Pillow would read these.
    unknown = image.format == 'PNG' and 'exif' not in image.info
    turn = 1 if unknown else image.getexif().get(ORIENTATION)
    return int(turn or 1) if turn in range(1, 9) else 1


def _mode(image: Image.Image) -> str:
    """Return an image's mode; of 16 bits in several channels Pillow itself keeps 8."""
    stored = str([tile[3] for tile in getattr(image, 'tile', ())])
    deep = ';16' in stored and ';16' not in image.mode
    return f'{image.mode};16' if deep else image.mode


def _cut_off(path: str, kind: str) -> str:
    """Say that the end mark of a JPEG or PNG file is missing, if so."""
    marks = dict(JPEG=b'\xff\xd9', PNG=b'IEND')
    if kind not in marks:
        return ''
    with open(path, 'rb') as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        return '' if marks[kind] in file.read() else 'it is cut off'


def _unknown(path: str) -> str:
    """Explain why Pillow does not know a file; empty if OpenCV reads it."""
    import cv2

    with open(path, 'rb') as file:
        head = file.read(64).lstrip().lower()
    if not head:
        return 'it is empty'
    if head.startswith(HTML):
        return 'it is a web page'
    # OpenCV ends the process at a name whose bytes are no UTF-8.
    named = path.isascii() or path.encode(errors='ignore').decode() == path
    known = cv2.haveImageReader(path) if named else decoded(path) is not None
    return '' if known else 'it is no image'


def decoded(path: str) -> np.ndarray | None:
    """Return the pixels of an image file as OpenCV reads them; None if it cannot.

    Args:
        path: File of any name.
    """
    import cv2
    import numpy as np

    content = np.fromfile(path, np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None


def why_unreadable(path: str) -> str:
    """Say why OpenCV reads no 8 bits from an image file; empty if nothing tells."""
    fault = Header(*read_header(path)).fault
    if fault:
        return fault
    pixels = decoded(path)
    if pixels is None:
        return 'it is damaged'
    if pixels.dtype in ('uint8', 'uint16'):
        return ''
    return (
        f'its values are {pixels.dtype}, of which OpenCV makes no 8 bits: scale them '
        'to 0 to 255 and write uint8'
    )


def headers_of(paths: Iterable[Path], root: Path) -> dict[Path, Header]:
    """Return the headers of files that are there, remembered in the data's folder.

    Args:
        paths: Image files; one that is missing is left out.
        root: Folder of the data.
    """
    there = [path for path in dict.fromkeys(paths) if path.is_file()]
    note = note_in(root, there, NOTE)
    found = Remembered(read_header, note, 'looking at the pictures').of(there)
    return {path: Header(*fields) for path, fields in zip(there, found, strict=True)}


def check_files(look: Look, paths: Iterable[Path], headers: dict[Path, Header]) -> None:
    """Add an error for pictures that are missing, damaged, or dark as 8 bits."""
    every = list(dict.fromkeys(paths))
    missing = [path for path in every if path not in headers]
    if missing:
        look.error(
            f'{len(missing)} of {len(every)} pictures are not there: {first(missing)}\n'
            '  Put them there, take them out of the annotations, or mend '
            f'{look.key}.data_prefix or data_root'
        )
    faults: dict[str, list[Path]] = defaultdict(list)
    for path in every:
        if path in headers and headers[path].fault:
            faults[headers[path].fault].append(path)
    for fault, damaged in faults.items():
        look.error(
            f'{len(damaged)} of {len(every)} pictures cannot be read ({fault}): '
            f'{first(damaged)}\n  Replace them, or take them out of the data set'
        )
    if look.in_8_bits:
        there = {path: headers[path] for path in every if path in headers}
        check_depth(look, there)


def check_sizes(
    look: Look,
    sizes: dict[Path, tuple[int, int]],
    headers: dict[Path, Header],
    loads_turned: bool,
) -> None:
    """Add an error for images of another size than annotated, by what may be the cause.

    Args:
        look: Look at the data set.
        sizes: Width and height of each image, as annotated.
        headers: Headers of those that are there.
        loads_turned: True if the pipeline turns images upright by EXIF.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for path, size in sizes.items():
        header = headers.get(path, Header())
        stored = (header.width, header.height)
        real = header.shown if loads_turned else stored
        if not header.width or real == size:
            continue
        cause = _cause(size, stored, real)
        groups[cause].append(f'{path} has {_by(real)}, annotated are {_by(size)}')
    for cause, examples in groups.items():
        look.error(
            f'{len(examples)} of {len(sizes)} pictures have another size than '
            f'annotated.\n  {examples[0]}\n  {cause}'
        )


def _by(size: tuple[int, int]) -> str:
    return f'{size[0]} x {size[1]}'


def _cause(
    size: tuple[int, int], stored: tuple[int, int], real: tuple[int, int]
) -> str:
    """Say why an image may have another size than annotated, and what mends it."""
    if stored == size:
        return (
            'They are turned upright by their EXIF orientation when they are loaded; '
            f'the annotations are for the pixels as stored. Load them so, in the first '
            f'step of the pipelines of train, val and test:  {UNTURNED}'
        )
    if size == real[::-1]:
        return (
            'Width and height are exchanged. Mend both in the annotations; look '
            'whether x and y of the boxes are exchanged too'
        )
    if abs(size[0] * real[1] - size[1] * real[0]) <= max(*size, *real):
        return (
            'The pictures were resized, the annotations were not: resize the boxes, '
            'masks and key points with them, or use the original pictures'
        )
    return 'These are other pictures, or other annotations: compare their names'


def check_turns(look: Look, headers: dict[Path, Header], loads_turned: bool) -> None:
    """Warn of images that EXIF turns by 180 degrees, which leaves their size."""
    upside = [
        path for path, header in headers.items() if header.orientation in (2, 3, 4)
    ]
    if upside and loads_turned:
        look.warn(
            f'{len(upside)} pictures are turned or mirrored by their EXIF orientation '
            f'when they are loaded, {first(upside)}: is that how they were annotated? '
            f'If not:  {UNTURNED}'
        )


def check_depth(look: Look, headers: dict[Path, Header]) -> None:
    """Add an error if images of 16 bits use only a few of them.

    OpenCV loads such an image as 8 bits by leaving out the lower ones: of 12 bits in
    16, four remain.
    """
    deep = [path for path, header in headers.items() if ';16' in header.mode]
    sample = deep[:: max(1, len(deep) // SAMPLE)][:SAMPLE]
    if not sample:
        return
    largest = max(map(_largest, sample))
    if 0 < largest < DARK:
        bits = largest.bit_length()
        look.error(
            f'{len(deep)} pictures have 16 bits and use {bits} of them (the largest '
            f'value of {len(sample)} is {largest}): loaded as 8 bits they are almost '
            f'black.\n  Stretch them:  python -c "import cv2, sys; [cv2.imwrite(p, '
            f'cv2.imread(p, -1) << {16 - bits}) for p in sys.argv[1:]]" COPIES'
        )


def _largest(path: Path) -> int:
    pixels = decoded(str(path))
    return 0 if pixels is None or pixels.dtype.itemsize < 2 else int(pixels.max())
