"""What the official training code does and no toolbox has.

The transforms of images, `augmentation` and `label_maps`, need mmcv; mmengine imports
them when a config names one.
"""

from .losses import HardPixelCrossEntropy, PixelCrossEntropy
from .seg_tta import SegmentationTTA

__all__ = ['HardPixelCrossEntropy', 'PixelCrossEntropy', 'SegmentationTTA']
