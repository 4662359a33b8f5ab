"""What the papers do to their training images and no toolbox has."""

from .pose import KeypointsFromZero, RandomScaleRotate, UniformScaleRotate
from .segmentation import CheckLabels

__all__ = [
    'CheckLabels',
    'KeypointsFromZero',
    'RandomScaleRotate',
    'UniformScaleRotate',
]
