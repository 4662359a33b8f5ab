"""Boxes of a top-down pose estimator come from whole images, a file or a detector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from ..checks.arguments import check_boxes
from ..data.coco_boxes import image_of, read_boxes
from ..errors import UserError
from .inputs import Pictures, Video
from .predictors import Predictor

#: Maps loaded images to one array (N, 5) each: x1, y1, x2, y2 in pixels, score 0 to 1.
Boxes = Callable[[Sequence[dict]], list[np.ndarray]]


def whole_images(loaded: Sequence[dict]) -> list[np.ndarray]:
    """Return one box for each image, which covers the whole image."""
    sizes = [image['ori_shape'] for image in loaded]
    return [np.array([[0, 0, width, height, 1]], np.float32) for height, width in sizes]


class FileBoxes:
    """These boxes come from a file in COCO's result format, left by a detector.

    Args:
        path: A JSON list of records with `bbox` [x, y, width, height], `score`, and
            `image_id` or `file_name`.
        source: Images that the boxes are for.
        score_thr: Boxes with a lower score are not used.

    Raises:
        UserError: The file is no such list, or holds boxes of other images only.
    """

    def __init__(self, path: str, source: Pictures | Video, score_thr: float) -> None:
        self.boxes: dict[int | str, list[list[float]]] = defaultdict(list)
        check_boxes(path)
        records = read_boxes(Path(path))
        if not records:  # a detector has found nobody
            source.notes.append(f'--boxes {path} holds no boxes: nobody is looked for')
        for record in records:
            x, y, width, height = record['bbox']
            if record.get('category_id', 1) == 1 and width > 0 and height > 0:
                box = [x, y, x + width, y + height, record.get('score', 1.0)]
                self.boxes[image_of(record)].append(box)
        if records and not any(key in source for key in self.boxes):
            raise UserError(
                f'--boxes {path} has no box of a person (category_id 1) for any of '
                f'these images.\n  in the file: {_some(self.boxes)}\n'
                f'  images:      {_some(picture.image_id for picture in source)}\n'
                'An image has the last number in its file name as its id; if the ids '
                'are from an annotation file, name that file with --ann'
            )
        self.score_thr = score_thr

    def __call__(self, loaded: Sequence[dict]) -> list[np.ndarray]:
        """Return the boxes (N, 5) of each image; N may be 0."""
        found = [
            self.boxes.get(picture.image_id, []) + self.boxes.get(picture.file_name, [])
            for picture in (image['picture'] for image in loaded)
        ]
        arrays = [np.array(boxes, np.float32).reshape(-1, 5) for boxes in found]
        return [boxes[boxes[:, 4] >= self.score_thr] for boxes in arrays]


def _some(keys: Iterable, most: int = 4) -> str:
    """Return the first keys as text, since a video has many."""
    first = list(islice(keys, most + 1))
    return ', '.join(map(str, first[:most])) + (', ...' if len(first) > most else '')


class DetectorBoxes:
    """These boxes are found by a detector of mmdet.

    Args:
        detector: Predictor whose class `person`, or whose only class, is used.
        score_thr: Boxes with a lower score are not used.

    Raises:
        UserError: The detector is not mmdet's, or has no such class.
    """

    def __init__(self, detector: Predictor, score_thr: float) -> None:
        classes = list(detector.meta.get('classes') or ())
        if detector.toolbox.task != 'detection':
            raise UserError(
                f'--detector takes a config of mmdet, not of {detector.toolbox.name}; '
                'e.g. configs/faster_rcnn_hrnetv2p_w32_1x.py and its weights'
            )
        if len(classes) > 1 and 'person' not in classes:
            raise UserError(
                f'the detector knows no person, only {", ".join(classes[:8])}, ...; '
                'take another one, or write its boxes to a file for --boxes'
            )
        self.detector, self.score_thr = detector, score_thr
        self.label = classes.index('person') if 'person' in classes else 0

    def __call__(self, loaded: Sequence[dict]) -> list[np.ndarray]:
        """Detect people and return the boxes (N, 5) of each image."""
        found = []
        for sample in self.detector([self.detector.load_anew(each) for each in loaded]):
            boxes = sample.pred_instances
            kept = (boxes.labels == self.label) & (boxes.scores >= self.score_thr)
            rows = np.concatenate([boxes.bboxes, boxes.scores[:, None]], axis=1)
            found.append(rows[kept.numpy()].astype(np.float32))
        return found
