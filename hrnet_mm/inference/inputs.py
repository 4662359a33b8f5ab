"""Images to predict on come from a file, a folder, a pattern, or a video."""

from __future__ import annotations

import errno
import glob
import os
import re
import shlex
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import mmcv
import numpy as np

from ..checks.arguments import check_input
from ..data.coco_ids import LARGEST
from ..data.look.headers import Header, read_header
from ..errors import UserError, printable

# Of moving pictures the first. OpenCV before 4.11 reads no .gif; it is a problem then.
PICTURES = (
    '.bmp', '.gif', '.jfif', '.jp2', '.jpe', '.jpeg', '.jpg', '.pbm', '.pgm', '.png',
    '.pnm', '.ppm', '.tif', '.tiff', '.webp',
)  # fmt: skip
VIDEOS = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm', '.wmv')
# A user may take these for pictures or videos that are predicted on. OpenCV reads
# .avif, but not the way it is turned: what is found would be beside what is shown.
OTHERS = (
    '.3gp', '.ai', '.apng', '.arw', '.avif', '.cr2', '.cr3', '.dcm', '.dds', '.dib',
    '.dng', '.eps', '.exr', '.flv', '.hdr', '.heic', '.heif', '.ico', '.j2k', '.jxl',
    '.mpo', '.nef', '.npy', '.npz', '.ogv', '.orf', '.pcx', '.pdf', '.pfm', '.psd',
    '.raf', '.ras', '.raw', '.rw2', '.svg', '.tga', '.xcf',
)  # fmt: skip

LONGEST = 230  # bytes of a name without its suffix and a number
MOST = 10  # problems that a message lists


class Picture(NamedTuple):
    """A `Picture` is one image: a file, or a frame of a video.

    Attributes:
        image_id: Its number in COCO's results.
        file_name: Path of its file, relative to the folder that all images share.
        stem: Name, without a suffix, of what is written for it; no two are equal.
        path: Path of its file; for a frame, of its video.
        pixels: Pixels (H, W, 3), BGR, 0 to 255, of a frame; None if they are in a file.
    """

    image_id: int
    file_name: str
    stem: str
    path: Path
    pixels: np.ndarray | None = None

    @property
    def name(self) -> str:
        """Return how messages name it: by its path, and by its number in a video."""
        frame = '' if self.pixels is None else f'frame {self.image_id} of '
        return printable(f'{frame}{self.path}')


class Pictures:
    """This source gives image files, with ids and distinct names.

    Args:
        paths: Image files in alphabetic order, at least one.
        known: Ids by file name. Without them the id of an image is the last number in
            its name, as in COCO's files, or, if two would be equal or one has none,
            its place, counted from 1.

    Attributes:
        problems: One line for each image that could not be used.
        notes: Lines for the summary that are no problems.

    Raises:
        UserError: A file is not among the known ones.
    """

    def __init__(self, paths: list[Path], known: dict[str, int] | None = None) -> None:
        self.paths = paths
        self.problems: list[str] = []
        self.notes: list[str] = []
        folder = os.path.commonpath([path.parent.absolute() for path in paths])
        names = [path.absolute().relative_to(folder).as_posix() for path in paths]
        ids = _numbers(names) if known is None else _known_ids(names, known)
        self.pictures = [
            Picture(*fields)
            for fields in zip(ids, names, _stems(names), paths, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.pictures)

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.pictures)

    def __contains__(self, key: int | str) -> bool:
        """Tell whether there is an image of this id or file name."""
        return any(key in (p.image_id, p.file_name) for p in self.pictures)


def _known_ids(names: list[str], known: dict[str, int]) -> list[int]:
    shared = Counter(Path(name).name for name in known)
    by_name = {
        Path(name).name: number
        for name, number in known.items()
        if shared[Path(name).name] == 1
    }
    ids: list[int] = []
    for name in names:
        number = known.get(name, by_name.get(Path(name).name))
        if number is None:
            raise UserError(
                f'{name} is not among the images of the --ann file '
                f'(e.g. {", ".join(list(known)[:3])}). Leave --ann out to number the '
                'images by their file names'
            )
        ids.append(number)
    return ids


def _numbers(names: Iterable[str]) -> list[int]:
    """Return the last number in each name, or, unless all differ, the names' places."""
    names = list(names)
    found = [re.findall(r'\d+', Path(name).stem) for name in names]
    numbers = {int(digits[-1]) for digits in found if digits}
    if len(numbers) == len(names) and max(numbers) <= LARGEST:
        return [int(digits[-1]) for digits in found]
    return list(range(1, len(names) + 1))


def _stems(names: Iterable[str]) -> list[str]:
    """Return distinct stems, even if case is ignored: a.jpg, a.png -> a, a-2."""
    taken: set[str] = set()
    stems = []
    for name in names:
        first = stem = short(Path(name).stem)
        count = 1
        while stem.casefold() in taken:
            count += 1
            stem = f'{first}-{count}'
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


def short(stem: str) -> str:
    """Return the beginning of a name that leaves room for a number and a suffix.

    A file system takes names of 255 bytes.
    """
    return os.fsencode(stem)[:LONGEST].decode('utf-8', 'ignore') or 'image'


def check_name(path: Path) -> None:
    """Raise a UserError if OpenCV cannot be given a path, of a video or its folder."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f'{path} has bytes in its name that are no UTF-8, with which OpenCV opens '
            'no video: give it another name'
        ) from error


class Video:
    """This source gives the frames of a video, numbered from 1.

    Attributes:
        fps: Frames per second.
        size: Width and height of a frame, in pixels.
        problems: One line if the video ended early, known after the last frame.
        notes: Lines for the summary that are no problems.

    Raises:
        UserError: Not even the header of the video can be read, or its name is not
            UTF-8.
    """

    def __init__(self, path: Path) -> None:
        self.paths = [path]
        self.problems: list[str] = []
        self.notes: list[str] = []
        check_name(path)
        self.reader = mmcv.VideoReader(str(path))
        self.fps = self.reader.fps if 0 < self.reader.fps < 1000 else 25.0
        self.size = self.reader.resolution
        if not self.reader.opened or 0 in self.size:
            raise UserError(
                f'{path} cannot be read as a video: it is damaged, cut off, or in a '
                'coding that this OpenCV does not have. Try to convert it first: '
                f'ffmpeg -i {path.name} mended.mp4'
            )

    def __len__(self) -> int:
        """Return the number of frames by the header; 0 if it names none."""
        return max(self.reader.frame_cnt, 0)

    def __contains__(self, key: int | str) -> bool:
        """Tell whether there may be a frame of this number."""
        return isinstance(key, int) and 1 <= key <= (len(self) or key)

    def __iter__(self) -> Iterator[Picture]:
        path, count = self.paths[0], 0
        stem = short(path.stem)
        while True:
            # mmcv's own read() seeks where times are not multiples of 1 / fps.
            readable, frame = self.reader.vcap.read()
            if not readable:
                break
            count += 1
            yield Picture(count, path.name, f'{stem}-{count:06}', path, frame)
        if count < len(self):
            self.problems.append(
                f'{path} ends early: {count} of {len(self)} frames could be read'
            )


def open_input(name: str, known: dict[str, int] | None = None) -> Pictures | Video:
    """Open the images or the video that the user has named.

    Args:
        name: An image, a folder of images, a pattern such as `'val/**/*.png'`, or a
            video.
        known: Ids by file name, for `Pictures`.

    Raises:
        UserError: There is nothing of that name, or no image in it.
    """
    check_input(name)
    path = Path(name)
    if path.is_file():
        is_video = path.suffix.lower() in VIDEOS
        return Video(path) if is_video else Pictures([path], known)
    found: Iterable[Path]
    if path.is_dir():
        found, where = _listed(path), f'the folder {path}'
        remedy = f'those of its subfolders:  "{path}/**/*.jpg"'
    else:
        found, where = map(Path, glob.iglob(name, recursive=True)), f'"{name}"'
        remedy = 'quote the pattern; ** stands for any folders'
    everything = sorted(found)
    named = [path for path in everything if path.suffix.lower() in PICTURES]
    odd = {path: why for path in named if (why := why_no_file(path))}
    files = [path for path in everything if path not in odd and path.is_file()]
    problems = [f'{path} cannot be read ({why})' for path, why in odd.items()]
    images = [path for path in named if path not in odd]
    if not images:
        raise UserError(
            f'{where} has no images: {len(files)} files, none of which ends in '
            f'{", ".join(PICTURES)}.\n  '
            + '\n  '.join([remedy, *skipped(files), *problems[:MOST]])
        )
    pictures = Pictures(images, known)
    pictures.notes += skipped(files)
    pictures.problems += problems
    return pictures


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise UserError(f'{folder} cannot be read: {error.strerror}') from error


def why_no_file(path: Path) -> str:
    """Say why nothing can be read under a name; empty for a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        dangling = path.is_symlink() and error.errno in (errno.ENOENT, errno.ELOOP)
        return 'it is a link that leads nowhere' if dangling else str(error.strerror)
    if stat.S_ISREG(mode):
        return ''
    return 'it is a folder' if stat.S_ISDIR(mode) else 'it is a pipe or a device'


def skipped(files: Iterable[Path]) -> list[str]:
    """Return one line about files that only look as if they were predicted on.

    Args:
        files: All files of a folder; hidden ones do not count.
    """
    suffixes = [path.suffix.lower() for path in files if path.name[0] != '.']
    counts = Counter(each for each in sorted(suffixes) if each in OTHERS + VIDEOS)
    if not counts:
        return []
    kinds = ', '.join(f'{count} {suffix}' for suffix, count in counts.items())
    return [
        f'skipped: {kinds} ({counts.total()} in all). Convert pictures to PNG or JPEG, '
        'and name a video itself'
    ]


def dimmed(path: Path, pixels: np.ndarray) -> list[str]:
    """Return one line about a 16-bit picture of whose values next to nothing is left.

    Read as 8 bits, values are divided by 256, whatever part of the range they use.

    Args:
        path: File of the picture; it is read again only if the pixels are that dark.
        pixels: Its pixels as the pipeline has loaded them.
    """
    if pixels.max() > 64:  # 14 bits of 16 become 6 of 8, rounded
        return []
    whole = mmcv.imread(path, 'unchanged', backend='cv2')
    if whole is None or whole.dtype != np.uint16:
        return []
    # Without alpha: (H, W) or (H, W, C) -> (H, W, C), C at most 3
    largest = int(whole.reshape(*whole.shape[:2], -1)[..., :3].max())
    bits = largest.bit_length()
    if pixels.max() >= largest or bits > 14:
        return []
    command = 'cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1], -1) * '
    return [
        f'{path} uses {bits} of its 16 bits, of which the model sees the upper 8: '
        'nearly black. Scale it first, and all that belong to it by the same factor: '
        f'python -c "import cv2, sys; {command}{2 ** (16 - bits)})" '
        f'{shlex.quote(str(path))} scaled{path.suffix}'
    ]


def upright(path: Path, pixels: np.ndarray) -> np.ndarray:
    """Return pixels as EXIF shows them, (H, W, ...) or turned (W, H, ...).

    Args:
        path: File of the picture. OpenCV itself turns a TIFF, however it is read.
        pixels: Its pixels as stored.
    """
    if path.suffix.lower() in ('.tif', '.tiff'):
        return pixels
    orientation = Header(*read_header(str(path))).orientation
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
