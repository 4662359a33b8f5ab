"""How the official code resizes and turns a person's or a face's box.

mmpose's RandomBBoxTransform draws both from a normal distribution cut off at one
standard deviation, which makes other training images.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from ..registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomScaleRotate(BaseTransform):
    """Resize boxes, and turn some: the pose code's normal distributions, clipped.

    The box becomes clip(1 + scale z, 1 - scale, 1 + scale) times as large; with
    probability `prob` it is turned by clip(rotation z, -2 rotation, 2 rotation)
    degrees, else not at all (z: standard normal). Changes `bbox_scale`, pixels of shape
    (N, 2), and sets `bbox_rotation`, degrees of shape (N,).

    Source: lib/dataset/JointsDataset.py of deep-high-resolution-net.pytorch.

    Args:
        scale: Its SCALE_FACTOR, 0 to below 1.
        rotation: Its ROT_FACTOR in degrees, 0 or more.
        prob: Probability of a rotation.
    """

    def __init__(self, scale: float, rotation: float, prob: float = 0.6) -> None:
        self.scale = scale
        self.rotation = rotation
        self.prob = prob

    def factors(self, boxes: int) -> np.ndarray:
        """Draw how many times as large each box becomes, (boxes,)."""
        z = np.random.randn(boxes)
        return np.clip(1 + self.scale * z, 1 - self.scale, 1 + self.scale)

    def angles(self, boxes: int) -> np.ndarray:
        """Draw each box's rotation in degrees, (boxes,), if it is turned."""
        z = np.random.randn(boxes)
        return np.clip(self.rotation * z, -2 * self.rotation, 2 * self.rotation)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Change the boxes of one image."""
        boxes = len(results['bbox_scale'])
        factors = self.factors(boxes).astype(np.float32)
        turned = np.random.rand(boxes) <= self.prob
        angles = np.where(turned, self.angles(boxes), 0).astype(np.float32)
        results['bbox_scale'] = results['bbox_scale'] * factors[:, None]
        results['bbox_rotation'] = angles
        return results


@TRANSFORMS.register_module()
class UniformScaleRotate(RandomScaleRotate):
    """As `RandomScaleRotate`, with the face code's uniform distributions.

    Factors between 1 - scale and 1 + scale, angles between -rotation and rotation.

    Source: lib/datasets/*.py of HRNet-Facial-Landmark-Detection.
    """

    def factors(self, boxes: int) -> np.ndarray:
        return np.random.uniform(1 - self.scale, 1 + self.scale, boxes)

    def angles(self, boxes: int) -> np.ndarray:
        return np.random.uniform(-self.rotation, self.rotation, boxes)


@TRANSFORMS.register_module()
class KeypointsFromZero(BaseTransform):
    """Count the pixels of key points from 0, which MPII counts from 1.

    Changes `keypoints`, (N, K, 2). mmpose 1.x does so with the boxes' centres alone.

    Source: lib/dataset/mpii.py of deep-high-resolution-net.pytorch.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Change the key points of one image."""
        results['keypoints'] = results['keypoints'] - 1
        return results
