"""An inference writes pictures or a video, label maps, and JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import mmcv
import numpy as np
from mmengine.registry import VISUALIZERS

from ..checks.arguments import check_out
from ..drawing.pictures import rgb_picture
from ..errors import UserError
from .inputs import Picture, Video
from .predictors import Predictor

RESULTS, IMAGES = 'results.json', 'images.json'


class Output:
    """An `Output` is a folder with one picture per image and two JSON files.

    `results.json` is a list of results with their `image_id`; `images.json` has the
    images with their ids and files, and the categories, and is itself a COCO annotation
    file without annotations. Both are written on leaving, after an error too if there
    is a result; without any, nothing is left.

    Args:
        folder: Path of the folder, which is created on entering the context.
        overwrite: True if the folder may hold results of an earlier run, which are
            then removed.

    Attributes:
        results: Results so far.
        images: Records of the images so far.

    Raises:
        UserError: The folder holds results of an earlier run, but must not.
    """

    def __init__(self, folder: str, overwrite: bool = False) -> None:
        self.folder = Path(folder)
        check_out(folder, overwrite)
        self.results: list[dict] = []
        self.images: list[dict] = []

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

        Raises:
            UserError: The folder holds the images themselves.
        """
        if self.folder.absolute() in {path.absolute().parent for path in source.paths}:
            raise UserError(
                f'--out {self.folder} holds the images themselves, which would be '
                'overwritten: name another folder'
            )
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
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.sink.close()
        if kind and not self.images:
            with suppress(OSError):  # it holds other files
                self.folder.rmdir()
            return
        content = dict(images=self.images, annotations=[], categories=self.categories)
        (self.folder / IMAGES).write_text(json.dumps(content))
        (self.folder / RESULTS).write_text(json.dumps(self.results))

    def add(self, picture: Picture, pixels: np.ndarray, sample: Any) -> None:
        """Write the predictions on one image.

        Args:
            picture: The image.
            pixels: Its pixels as the pipeline loads them, see `rgb_picture`.
            sample: The toolbox's data sample, or None if there was nothing to predict.
        """
        image = rgb_picture(pixels)
        drawn = image
        if sample is not None:
            drawn = self.toolbox.draw(
                self.visualizer, image, sample, score_thr=self.score_thr
            )
        height, width = image.shape[:2]
        record: dict[str, Any] = dict(
            id=picture.image_id,
            file_name=picture.file_name,
            width=width,
            height=height,
            picture=self.sink.write(picture, drawn),
        )
        labels = self.toolbox.label_map(sample)
        if labels is not None:
            record['labels'] = f'labels/{picture.stem}.png'
            mmcv.imwrite(labels, str(self.folder / record['labels']))
        self.images.append(record)
        for result in self.toolbox.records(sample, self.categories):
            self.results.append(dict(image_id=picture.image_id, **result))


def _visualizer(predictor: Predictor) -> Any:
    """Build the config's own visualizer, without what would store files."""
    # mmengine keeps one for each name, with the classes of its first model.
    options = dict(name=f'inference-{uuid4()}', vis_backends=None)
    own = predictor.cfg.get('visualizer') or dict(type=predictor.toolbox.visualizer)
    visualizer = VISUALIZERS.build(dict(own, **options))
    visualizer.dataset_meta = predictor.meta
    return visualizer


def remove_earlier(folder: Path) -> None:
    """Remove the files that an earlier run lists as its own, and nothing else."""
    if not (folder / IMAGES).is_file():
        return
    try:
        earlier = json.loads((folder / IMAGES).read_text())
    except ValueError:  # a run that was killed while it wrote the list
        earlier = None
    images = earlier.get('images', []) if isinstance(earlier, dict) else []
    for name in {image.get(key) for image in images for key in ('picture', 'labels')}:
        path = folder / (name or '.')
        if path.is_file() and folder.resolve() in path.resolve().parents:
            path.unlink()
    for name in (IMAGES, RESULTS):
        (folder / name).unlink(missing_ok=True)


class Files:
    """This sink writes one picture per image, under the image's name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, picture: Picture, drawn: np.ndarray) -> str:
        """Write pixels (H, W, 3), RGB, and return the name of the file."""
        # Longer sides than libjpeg writes are rare, and panoramas or scans of a line.
        suffix = '.jpg' if max(drawn.shape) <= 65500 else '.png'
        name = f'{picture.stem}{suffix}'
        mmcv.imwrite(np.ascontiguousarray(drawn[..., ::-1]), str(self.folder / name))
        return name

    def close(self) -> None:
        """Do nothing, since no file is open."""


class VideoFile:
    """This sink writes all frames into one video, as fast as the source."""

    def __init__(self, folder: Path, video: Video) -> None:
        self.path = folder / f'{video.paths[0].stem}.mp4'
        self.fps, self.size = video.fps, video.size
        self.writer: cv2.VideoWriter | None = None

    def write(self, picture: Picture, drawn: np.ndarray) -> str:
        """Add pixels (H, W, 3), RGB, and return the name of the file."""
        if self.writer is None:
            code = cv2.VideoWriter_fourcc(*'mp4v')
            self.writer = cv2.VideoWriter(str(self.path), code, self.fps, self.size)
        # OpenCV leaves out a frame of another size without a word.
        frame = mmcv.imresize(drawn, self.size)
        self.writer.write(np.ascontiguousarray(frame[..., ::-1]))
        return self.path.name

    def close(self) -> None:
        """Finish the video file."""
        if self.writer is not None:
            self.writer.release()
