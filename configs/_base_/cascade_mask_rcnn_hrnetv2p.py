"""Cascade Mask R-CNN on HRNetV2p: a config adds arch, weights and schedule."""

_base_ = ['cascade_mask_rcnn.py', 'hrnetv2p.py', 'coco_instance.py', 'det_runtime.py']

model = _base_.hrnetv2p
