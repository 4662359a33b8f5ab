"""Images to predict on come from a file, a folder, a pattern, or a video."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import mmcv
import numpy as np

from ..checks.arguments import check_input
from ..errors import UserError

PICTURES = ('.bmp', '.jpeg', '.jpg', '.pgm', '.png', '.ppm', '.tif', '.tiff', '.webp')
VIDEOS = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm', '.wmv')


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
        return f'{frame}{self.path}'


class Pictures:
    """This source gives image files, with ids and distinct names.

    Args:
        paths: Image files in alphabetic order, at least one.
        known: Ids by file name. Without them the id of an image is the last number in
            its name, as in COCO's files, or, if two would be equal or one has none,
            its place, counted from 1.

    Attributes:
        problems: One line for each image that could not be used.

    Raises:
        UserError: A file is not among the known ones.
    """

    def __init__(self, paths: list[Path], known: dict[str, int] | None = None) -> None:
        self.paths = paths
        self.problems: list[str] = []
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
    by_name = {Path(name).name: number for name, number in known.items()}
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
    if len(numbers) == len(names):
        return [int(digits[-1]) for digits in found]
    return list(range(1, len(names) + 1))


def _stems(names: Iterable[str]) -> list[str]:
    """Return distinct stems, even if case is ignored: a.jpg, a.png -> a, a-2."""
    taken: set[str] = set()
    stems = []
    for name in names:
        stem, count = Path(name).stem, 1
        while stem.casefold() in taken:
            count += 1
            stem = f'{Path(name).stem}-{count}'
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


class Video:
    """This source gives the frames of a video, numbered from 1.

    Attributes:
        fps: Frames per second.
        size: Width and height of a frame, in pixels.
        problems: One line if the video ended early, known after the last frame.

    Raises:
        UserError: Not even the header of the video can be read.
    """

    def __init__(self, path: Path) -> None:
        self.paths = [path]
        self.problems: list[str] = []
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
        while True:
            # mmcv's own read() seeks where times are not multiples of 1 / fps.
            readable, frame = self.reader.vcap.read()
            if not readable:
                break
            count += 1
            yield Picture(count, path.name, f'{path.stem}-{count:06}', path, frame)
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
    path = Path(name)
    if path.is_file():
        is_video = path.suffix.lower() in VIDEOS
        return Video(path) if is_video else Pictures([path], known)
    found: Iterable[Path]
    if path.is_dir():
        found, where = path.iterdir(), f'the folder {path}'
        remedy = f'those of its subfolders:  "{path}/**/*.jpg"'
    else:
        check_input(name)
        found, where = map(Path, glob.iglob(name, recursive=True)), f'"{name}"'
        remedy = 'quote the pattern; ** stands for any folders'
    everything = sorted(path for path in found if path.is_file())
    images = [path for path in everything if path.suffix.lower() in PICTURES]
    if not images:
        raise UserError(
            f'{where} has no images: {len(everything)} files, none of which ends in '
            f'{", ".join(PICTURES)}.\n  {remedy}'
        )
    return Pictures(images, known)
