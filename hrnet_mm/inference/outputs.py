"""An inference writes pictures or a video, label maps, and JSON."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import mmcv
import numpy as np
from mmengine.registry import VISUALIZERS

from ..checks.arguments import (
    IMAGES,
    LABELS,
    RESULTS,
    check_apart,
    check_out,
    files_of_results,
)
from ..data.look.json_files import read_json
from ..drawing.pictures import rgb_picture
from ..errors import UserError
from ..files import underway, whole
from .inputs import Picture, Video, check_name, short
from .predictors import Predictor

EVERY = 10  # seconds after which the JSON files are written anew


class Output:
    """An `Output` is a folder with one picture per image and two JSON files.

    `results.json` is a list of results with their `image_id`; `images.json` has the
    images with their ids and files, and the categories, and is itself a COCO annotation
    file without annotations. Both are written on leaving, after an error too if there
    is a result; without any, nothing is left. Meanwhile they are written anew every 10
    seconds, for a process that is killed.

    Args:
        folder: Path of the folder, which is created on entering the context.
        overwrite: True if the folder may hold results of an earlier run, which are
            then removed.
        paths: Files of the input, which must not be in the folder.

    Attributes:
        results: Results so far, each as JSON: what is written often is encoded once.
        images: Records of the images so far, likewise.

    Raises:
        UserError: The folder holds results of an earlier run or the images themselves,
            or a link or another folder stands where files are written.
    """

    def __init__(
        self, folder: str, overwrite: bool = False, paths: Sequence[Path] = ()
    ) -> None:
        self.folder = Path(folder)
        check_out(folder, overwrite)
        check_apart(folder, paths)
        self.results: list[str] = []
        self.images: list[str] = []

    def start(
        self,
        source: Any,
        predictor: Predictor,
        score_thr: float,
        known: list[dict] | None = None,
    ) -> Output:
        """Prepare the output for a source, and return it to be used as a context.

        Args:
            source: The images.
            predictor: The predictor whose results are written.
            score_thr: Predictions below this score, 0 to 1, are not drawn.
            known: Categories of an annotation file.
        """
        self.toolbox, self.score_thr = predictor.toolbox, score_thr
        self.categories = self.toolbox.categories(predictor.meta, known)
        with predictor.scope():
            self.visualizer = _visualizer(predictor)
        is_video = isinstance(source, Video)
        self.sink = VideoFile(self.folder, source) if is_video else Files(self.folder)
        return self

    def __enter__(self) -> Output:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f'cannot make --out {self.folder}: {error.strerror}'
            ) from error
        remove_earlier(self.folder)
        self.saved = time.monotonic()
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        try:
            self.sink.close()
        finally:
            self._leave(kind is not None)

    def _leave(self, failed: bool) -> None:
        if not failed or self.images:
            self.save(flush=True)
            return
        with suppress(OSError):  # it holds other files
            self.folder.rmdir()

    def save(self, flush: bool = False) -> None:
        """Write both JSON files as they are by now.

        Args:
            flush: True if they must survive a loss of power, too.

        Raises:
            UserError: The disk is full. What was written before stays.
        """
        images, results = ', '.join(self.images), ', '.join(self.results)
        categories = json.dumps(self.categories)
        listing = f'"images": [{images}], "annotations": [], "categories": {categories}'
        # In this order: no result is of an image that is not listed.
        for name, text in ((IMAGES, f'{{{listing}}}'), (RESULTS, f'[{results}]')):
            with whole(self.folder / name, flush) as part:
                part.write_text(text)
        self.saved = time.monotonic()

    def add(self, picture: Picture, pixels: np.ndarray, sample: Any) -> None:
        """Write the predictions on one image.

        Args:
            picture: The image.
            pixels: Its pixels as the pipeline loads them, see `rgb_picture`.
            sample: The toolbox's data sample, or None if there was nothing to predict.

        Raises:
            UserError: The disk is full.
        """
        image = rgb_picture(pixels)
        drawn = image
        if sample is not None:
            drawn = self.toolbox.draw(
                self.visualizer, image, sample, score_thr=self.score_thr
            )
        labels = self.toolbox.label_map(sample)
        found = [
            json.dumps(dict(image_id=picture.image_id, **result), allow_nan=False)
            for result in self.toolbox.records(sample, self.categories)
        ]
        height, width = image.shape[:2]
        record: dict[str, Any] = dict(
            id=picture.image_id,
            file_name=picture.file_name,
            width=width,
            height=height,
        )
        if labels is not None:
            record['labels'] = f'{LABELS}/{picture.stem}.png'
            (self.folder / LABELS).mkdir(exist_ok=True)
            write_picture(self.folder / record['labels'], labels, '.png')
        record['picture'] = self.sink.write(picture, drawn)
        self.images.append(json.dumps(record))
        self.results += found
        if time.monotonic() - self.saved >= EVERY:
            self.save()


def _visualizer(predictor: Predictor) -> Any:
    """Build the config's own visualizer, without what would store files."""
    # mmengine keeps one for each name, with the classes of its first model.
    options = dict(name=f'inference-{uuid4()}', vis_backends=None)
    own = predictor.cfg.get('visualizer') or dict(type=predictor.toolbox.visualizer)
    visualizer = VISUALIZERS.build(dict(own, **options))
    visualizer.dataset_meta = predictor.meta
    return visualizer


def remove_earlier(folder: Path) -> None:
    """Remove the files that an earlier run lists as its own, and nothing else.

    What cannot be understood in the list is passed over.
    """
    for name in _names_in(folder / IMAGES):
        path = folder / name
        with suppress(OSError, ValueError):  # a name that no file can have
            if path.is_file() and folder.resolve() in path.resolve().parents:
                path.unlink()
    for path in files_of_results(folder):
        path.unlink(missing_ok=True)


def _names_in(listing: Path) -> set[str]:
    """Return the names of pictures and label maps in the list of an earlier run."""
    try:
        content = read_json(listing)
    except UserError:  # there is none, or a run was killed while it wrote the list
        return set()
    images = content.get('images') if isinstance(content, dict) else None
    records = (
        [i for i in images if isinstance(i, dict)] if isinstance(images, list) else []
    )
    named = [record.get(key) for record in records for key in ('picture', 'labels')]
    return {name for name in named if isinstance(name, str) and _is_ours(name)}


def _is_ours(name: str) -> bool:
    """Tell whether an output may have written a file of this name."""
    folders, _, file = name.rpartition('/')
    written = file.lower().endswith(('.jpg', '.png', '.mp4'))
    return written and folders in ('', LABELS)


def write_picture(path: Path, pixels: np.ndarray, suffix: str) -> None:
    """Write pixels, (H, W) or BGR (H, W, 3), to a file that is whole or absent.

    Args:
        path: File to make or to replace.
        pixels: The pixels.
        suffix: Kind of the file; a name of points alone has none of its own.
    """
    written, content = cv2.imencode(suffix, pixels)
    if not written:
        raise ValueError(f'OpenCV writes no {suffix} of {pixels.shape}')
    with whole(path, flush=False) as part:
        part.write_bytes(content)


class Files:
    """This sink writes one picture per image, under the image's name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, picture: Picture, drawn: np.ndarray) -> str:
        """Write pixels (H, W, 3), RGB, and return the name of the file."""
        # Longer sides than libjpeg writes are rare, and panoramas or scans of a line.
        suffix = '.jpg' if max(drawn.shape) <= 65500 else '.png'
        name = f'{picture.stem}{suffix}'
        bgr = np.ascontiguousarray(drawn[..., ::-1])
        write_picture(self.folder / name, bgr, suffix)
        return name

    def close(self) -> None:
        """Do nothing, since no file is open."""


class VideoFile:
    """This sink writes all frames into one video, as fast as the source.

    The video gets its name when it is complete.
    """

    def __init__(self, folder: Path, video: Video) -> None:
        check_name(folder)
        self.path = folder / f'{short(video.paths[0].stem)}.mp4'
        self.part = underway(self.path)
        self.fps, self.size = video.fps, video.size
        self.frames = 0
        self.writer: cv2.VideoWriter | None = None

    def write(self, picture: Picture, drawn: np.ndarray) -> str:
        """Add pixels (H, W, 3), RGB, and return the name of the file.

        Raises:
            UserError: OpenCV writes no video of this size.
        """
        if self.writer is None:
            self.writer = self._opened()
        # OpenCV leaves out a frame of another size without a word.
        frame = mmcv.imresize(drawn, self.size)
        self.writer.write(np.ascontiguousarray(frame[..., ::-1]))
        self.frames += 1
        return self.path.name

    def _opened(self) -> cv2.VideoWriter:
        self.part.unlink(missing_ok=True)  # of a run that was killed, or a link
        code = cv2.VideoWriter_fourcc(*'mp4v')
        writer = cv2.VideoWriter(str(self.part), code, self.fps, self.size)
        if writer.isOpened():
            return writer
        self.part.unlink(missing_ok=True)
        width, height = self.size
        raise UserError(
            f'{self.path} cannot be written: OpenCV encodes no frames of {width} x '
            f'{height} pixels. Predict on pictures of the frames instead'
        )

    def close(self) -> None:
        """Finish the video file.

        Raises:
            UserError: It lacks frames, as on a full disk; then there is no video.
        """
        if self.writer is None:
            return
        self.writer.release()
        written = int(cv2.VideoCapture(str(self.part)).get(cv2.CAP_PROP_FRAME_COUNT))
        if written < self.frames:
            self.part.unlink(missing_ok=True)
            raise UserError(
                f'{self.path} could not be written: {max(written, 0)} of '
                f'{self.frames} frames are in it. Is the disk full?'
            )
        os.replace(self.part, self.path)
