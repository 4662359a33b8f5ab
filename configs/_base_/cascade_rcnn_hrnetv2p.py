"""Cascade R-CNN on HRNetV2p: a config adds arch, weights and schedule."""

_base_ = ['cascade_rcnn.py', 'hrnetv2p.py', 'coco_detection.py', 'det_runtime.py']

model = _base_.hrnetv2p
