"""Top-down pose estimation makes one prediction for each box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.config import Config

from ..errors import UserError
from ..shelves import short_name
from .boxes import Boxes, whole_images
from .predictors import Predictor, checked_toolbox


class PosePredictor(Predictor):
    """A `PosePredictor` estimates the key points in each box of an image.

    An image without boxes gets None instead of a sample. People are scored, and those
    who are duplicates of others are dropped, as the config's evaluator does it, so that
    picture, results and metrics speak of the same people. Scores are in
    `pred_instances.scores`.

    Args:
        boxes: Function that gives the boxes of loaded images.
        cfg, weights, device, batch_size: As for `Predictor`; a batch is of boxes.
    """

    def __init__(self, boxes: Boxes, *args: Any) -> None:
        # Not imported with the first image: it takes seconds, since it imports mmdet.
        from mmpose.evaluation.functional import oks_nms

        super().__init__(*args)
        self.boxes, self.nms = boxes, oks_nms
        evaluator = self.cfg.get('test_evaluator')
        listed = evaluator if isinstance(evaluator, list | tuple) else [evaluator]
        self.metric = dict(next(filter(None, listed), {}))

    def __call__(self, loaded: Sequence[dict]) -> list[Any]:
        """Predict on loaded images, and return one sample or None for each.

        Raises:
            UnusableError: An image, or a box of it, cannot be prepared.
        """
        crops, owners = [], []
        with self.scope():
            for place, (image, boxes) in enumerate(
                zip(loaded, self.boxes(loaded), strict=True)
            ):
                for box in boxes:
                    person = dict(bbox=box[None, :4], bbox_score=box[4:])
                    crops.append(self.prepare({**image, **person, **self.meta}))
                    owners.append(place)
            samples = self.forward(crops)
        people: list[list[Any]] = [[] for _ in loaded]
        for owner, sample in zip(owners, samples, strict=True):
            people[owner].append(sample)
        return [self._together(group) if group else None for group in people]

    def _together(self, group: list[Any]) -> Any:
        """Merge the people of an image into one sample, with scores, no duplicates."""
        sample = self.toolbox.merged(group)
        people = sample.pred_instances
        people.scores = person_scores(
            people.bbox_scores,
            people.keypoint_scores,
            self.metric.get('score_mode', 'bbox_keypoint'),
            self.metric.get('keypoint_score_thr', 0.2),
        )
        sizes = sample.gt_instances.bbox_scales
        kept = self._distinct(people, sizes.prod(axis=1))
        sample.pred_instances = people[kept]
        return sample

    def _distinct(self, people: Any, areas: np.ndarray) -> np.ndarray:
        """Return the indices of people whose key points overlap less than the limit.

        The limit is the evaluator's `nms_thr`.
        """
        sigmas = self.meta.get('sigmas')
        is_coco = short_name(self.metric.get('type')) == 'CocoMetric'
        if not is_coco or self.metric.get('nms_mode', 'oks_nms') != 'oks_nms':
            return np.arange(len(people))
        rows = zip(
            people.keypoints, people.keypoint_scores, people.scores, areas, strict=True
        )
        records = [
            dict(keypoints=np.column_stack([points, sure]), score=score, area=area)
            for points, sure, score, area in rows
        ]
        thr = self.metric.get('nms_thr', 0.9)
        return np.array(self.nms(records, thr, sigmas=np.asarray(sigmas)), np.int64)


def person_scores(
    boxes: np.ndarray, points: np.ndarray, mode: str, thr: float
) -> np.ndarray:
    """Return the scores of people (N,) as mmpose's CocoMetric computes them.

    Args:
        boxes: Scores of the boxes (N,).
        points: Scores of the key points (N, K).
        mode: `'bbox'`, `'keypoint'`, or `'bbox_keypoint'`: the product of the first and
            the mean of the key points above `thr`.
        thr: Score that a key point must exceed to count in `'bbox_keypoint'`.
    """
    if mode == 'bbox':
        return np.asarray(boxes)
    if mode == 'keypoint':
        return points.mean(axis=1)
    sure = points > thr
    return boxes * (points * sure).sum(axis=1) / np.maximum(sure.sum(axis=1), 1)


def predictor_of(
    cfg: Config, weights: str, device: str, batch_size: int | None, boxes: Boxes | None
) -> Predictor:
    """Build the predictor that a config needs.

    Raises:
        UserError: Boxes are given for something else than a top-down pose config.
    """
    options = (cfg, weights, device, batch_size)
    toolbox = checked_toolbox(cfg)
    if toolbox.takes_boxes:
        return PosePredictor(boxes or whole_images, *options)
    if boxes is not None:
        raise UserError(
            f'--boxes and --detector are for top-down pose configs (mmpose), but '
            f'--config is one of {toolbox.name}: leave them out'
        )
    return Predictor(*options)
