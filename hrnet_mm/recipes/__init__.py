"""Recipes are the parts of the official training code that no toolbox has.

The image transforms in `augmentation` and `label_maps` need mmcv; mmengine imports them
when a config names one.
"""

from .losses import HardPixelCrossEntropy, PixelCrossEntropy
from .seg_tta import SegmentationTTA

__all__ = ['HardPixelCrossEntropy', 'PixelCrossEntropy', 'SegmentationTTA']
