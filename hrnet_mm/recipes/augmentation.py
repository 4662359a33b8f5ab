"""The official code scales and rotates the box of a person or face at random.

mmpose's RandomBBoxTransform draws both from a normal distribution truncated at one
standard deviation, which leads to different training images.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from ..registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomScaleRotate(BaseTransform):
    """This transform scales and rotates boxes as the official pose code does.

    The box becomes clip(1 + scale z, 1 - scale, 1 + scale) times as large. With
    probability `prob` it is rotated by clip(rotation z, -2 rotation, 2 rotation)
    degrees, else not at all (z: standard normal). The transform changes `bbox_scale`,
    pixels of shape (N, 2), and sets `bbox_rotation`, degrees of shape (N,).

    Source: lib/dataset/JointsDataset.py of deep-high-resolution-net.pytorch.

    Args:
        scale: SCALE_FACTOR of the official code, at least 0 and below 1.
        rotation: ROT_FACTOR of the official code in degrees, at least 0.
        prob: Probability of a rotation.
    """

    def __init__(self, scale: float, rotation: float, prob: float = 0.6) -> None:
        self.scale = scale
        self.rotation = rotation
        self.prob = prob

    def factors(self, boxes: int) -> np.ndarray:
        """Draw the factor by which each box grows, (boxes,)."""
        z = np.random.randn(boxes)
        return np.clip(1 + self.scale * z, 1 - self.scale, 1 + self.scale)

    def angles(self, boxes: int) -> np.ndarray:
        """Draw the angle in degrees for each box that is rotated, (boxes,)."""
        z = np.random.randn(boxes)
        return np.clip(self.rotation * z, -2 * self.rotation, 2 * self.rotation)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Scale and rotate the boxes of one image."""
        boxes = len(results['bbox_scale'])
        factors = self.factors(boxes).astype(np.float32)
        turned = np.random.rand(boxes) <= self.prob
        angles = np.where(turned, self.angles(boxes), 0).astype(np.float32)
        # (N, 2) * (N, 1): width and height grow by the same factor
        results['bbox_scale'] = results['bbox_scale'] * factors[:, None]
        results['bbox_rotation'] = angles
        return results


@TRANSFORMS.register_module()
class UniformScaleRotate(RandomScaleRotate):
    """This transform scales and rotates boxes as the official face code does.

    It is `RandomScaleRotate` with uniform distributions: factors between 1 - scale and
    1 + scale, angles between -rotation and rotation.

    Source: lib/datasets/*.py of HRNet-Facial-Landmark-Detection.
    """

    def factors(self, boxes: int) -> np.ndarray:
        return np.random.uniform(1 - self.scale, 1 + self.scale, boxes)

    def angles(self, boxes: int) -> np.ndarray:
        return np.random.uniform(-self.rotation, self.rotation, boxes)


@TRANSFORMS.register_module()
class KeypointsFromZero(BaseTransform):
    """This transform makes MPII's keypoint coordinates, which start at 1, start at 0.

    It subtracts 1 from `keypoints`, (N, K, 2). mmpose 1.x does so with the centers of
    the boxes only.

    Source: lib/dataset/mpii.py of deep-high-resolution-net.pytorch.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Shift the keypoints of one image."""
        results['keypoints'] = results['keypoints'] - 1
        return results
