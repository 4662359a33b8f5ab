"""Predictions as plain values: COCO's result format where there is one.

https://cocodataset.org/#format-results
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..data.shapes.coco import CATEGORY_IDS

TOP = 5  # class names of an image


def categories_of(
    scope: str, meta: dict, known: list[dict] | None = None
) -> list[dict]:
    """Categories as COCO writes them, in the order of the model's classes.

    Args:
        scope: The toolbox.
        meta: Of the data set.
        known: Categories of an annotation file: ids by name.

    Returns:
        Ids are those of `known`; for names of COCO's, COCO's own; else counted from 1.
        Label maps and class names have the model's own, counted from 0.
    """
    if scope == 'mmpose':
        names = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
        bones = (np.array(meta['skeleton_links']) + 1).tolist()
        kind = 'person' if bones else 'face'  # faces are points without bones
        return [dict(id=1, name=kind, keypoints=names, skeleton=bones)]
    classes = list(meta.get('classes') or ())
    ids = dict(CATEGORY_IDS)
    if known is not None:
        ids = {category['name']: category['id'] for category in known}
    if scope != 'mmdet':
        numbers = range(len(classes))
    elif set(classes) <= set(ids):
        numbers = [ids[name] for name in classes]
    else:
        numbers = range(1, len(classes) + 1)
    return [dict(id=number, name=name) for number, name in zip(numbers, classes)]


def detections(sample: Any, categories: list[dict]) -> list[dict]:
    """Boxes [x, y, width, height] in pixels, and masks as run lengths."""
    found = sample.pred_instances
    corners = found.bboxes.double()
    sides = torch.cat([corners[:, :2], corners[:, 2:] - corners[:, :2]], dim=1)
    records = [
        dict(category_id=categories[label]['id'], bbox=_rounded(box), score=score)
        for label, box, score in zip(
            found.labels.tolist(), sides.numpy(), _rounded(found.scores, 6)
        )
    ]
    if 'masks' in found:
        for record, mask in zip(records, found.masks):
            record['segmentation'] = run_lengths(np.asarray(mask))
    return records


def run_lengths(mask: np.ndarray) -> dict:
    """A mask (H, W) as COCO's compressed run lengths."""
    from pycocotools import mask as coco_mask

    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return dict(
        size=[int(side) for side in code['size']], counts=code['counts'].decode()
    )


def people(sample: Any, categories: list[dict]) -> list[dict]:
    """Key points [x, y, score, ...] in pixels, with the box they were found in."""
    if sample is None:
        return []
    found = sample.pred_instances
    boxes = np.asarray(found.bboxes, np.float64)
    boxes = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    points = np.concatenate([found.keypoints, found.keypoint_scores[..., None]], axis=2)
    return [
        dict(
            category_id=categories[0]['id'],
            keypoints=_rounded(person.ravel()),
            score=score,
            bbox=_rounded(box),
        )
        for person, box, score in zip(points, boxes, _rounded(found.scores, 6))
    ]


def label_map(sample: Any) -> np.ndarray:
    """The class of each pixel as the model numbers them: (H, W), uint8."""
    return sample.pred_sem_seg.data[0].numpy().astype(np.uint8)


def shares(sample: Any, categories: list[dict]) -> list[dict]:
    """Which part of the pixels each class has, 0 to 1, those that occur."""
    labels = label_map(sample)
    counts = np.bincount(labels.ravel(), minlength=len(categories))
    parts = _rounded(counts / labels.size, 6)
    names = [category['name'] for category in categories]
    return [dict(shares={n: part for n, part in zip(names, parts) if part})]


def names(sample: Any, categories: list[dict]) -> list[dict]:
    """The most probable classes."""
    scores, labels = sample.pred_score.topk(min(TOP, len(sample.pred_score)))
    pairs = zip(labels.tolist(), _rounded(scores, 6))
    named = [dict(**categories[label], score=score) for label, score in pairs]
    return [dict(classes=named)]


def _rounded(values: Any, digits: int = 3) -> list:
    return np.asarray(values, np.float64).round(digits).tolist()


RECORDS = dict(mmdet=detections, mmpose=people, mmseg=shares, mmpretrain=names)
