from .seg_tta import SegmentationTTA

__all__ = ['SegmentationTTA']
