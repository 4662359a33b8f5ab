"""Drawn objects get annotation records in COCO's format."""

from __future__ import annotations

import cv2
import numpy as np

from ..coco_categories import CATEGORIES, CATEGORY_IDS
from .people import KEYPOINTS, SKELETON
from .scenes import Instance

PERSON = {**CATEGORIES[0], 'keypoints': KEYPOINTS, 'skeleton': SKELETON}


def outlines(mask: np.ndarray) -> list[list[float]]:
    """Return polygons [x0, y0, x1, y1, ...] that cover exactly the pixels of `mask`.

    Vertices lie on pixel corners: pixel (0, 0) is the square from (0, 0) to (1, 1).
    COCO's polygons know no holes, so a region with a hole is cut in two across it.

    Args:
        mask: Boolean mask (H, W).
    """
    # On twice the pixels, contour points 2x and 2x + 1 are the two sides of pixel x.
    double = mask.repeat(2, axis=0).repeat(2, axis=1).astype(np.uint8)
    found, levels = cv2.findContours(double, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    pairs = zip(found, levels[0], strict=True)  # a hole has a parent, the fourth level
    holes = [contour[:, 0, 0].min() for contour, level in pairs if level[3] >= 0]
    if holes:
        left = np.arange(mask.shape[1]) < (min(holes) + 1) // 2
        return outlines(mask & left) + outlines(mask & ~left)
    rings = [((contour[:, 0] + 1) // 2).astype(float) for contour in found]
    return sorted(ring.ravel().tolist() for ring in rings)


def annotation(instance: Instance, image_id: int, annotation_id: int) -> dict:
    """Return COCO's record of an object: polygons, area, box (x, y, w, h), class."""
    polygons = outlines(instance.mask)
    xy = np.concatenate([np.reshape(ring, (-1, 2)) for ring in polygons])
    return {
        'segmentation': polygons,
        'area': float(instance.mask.sum()),
        'iscrowd': 0,
        'image_id': image_id,
        'bbox': [*xy.min(axis=0).tolist(), *np.ptp(xy, axis=0).tolist()],
        'category_id': CATEGORY_IDS[instance.name],
        'id': annotation_id,
    }


def person_annotation(instance: Instance, image_id: int, annotation_id: int) -> dict:
    """Return COCO's record of a person, with 17 key points of x, y and visibility."""
    return {
        **annotation(instance, image_id, annotation_id),
        'num_keypoints': int(np.count_nonzero(instance.keypoints[:, 2])),
        'keypoints': instance.keypoints.ravel().tolist(),
    }


def detections(rng, boxes: list[list[float]], image: dict) -> list[dict]:
    """Return what an imperfect person detector might find in an image.

    Each box is found within a tenth of its size; up to two boxes are mistakes.

    Args:
        rng: A NumPy generator.
        boxes: Ground-truth boxes (x, y, w, h), in pixels.
        image: COCO's record of the image: its id, width and height are used.

    Returns:
        Records of image_id, category_id, bbox (x, y, w, h) and score, 0 to 1.
    """
    found = []
    for x, y, w, h in boxes:
        left, up, wide, high = rng.integers(-100, 101, 4).tolist()  # per mille
        box = [x + w * left / 1000, y + h * up / 1000]
        box += [w * (1000 + wide) / 1000, h * (1000 + high) / 1000]
        found.append((box, rng.integers(600, 1000)))
    for _ in range(rng.integers(3)):
        w, h = (image['width'] * 0.25, image['height'] * 0.5)
        x, y = rng.integers((0, 0), (image['width'] * 3 // 4, image['height'] // 2))
        found.append(([float(x), float(y), w, h], rng.integers(10, 400)))
    return [
        {
            'image_id': image['id'],
            'category_id': PERSON['id'],
            'bbox': [round(value, 2) for value in box],
            'score': int(score) / 1000,
        }
        for box, score in found
    ]
