"""Cascade R-CNN on ResNet-FPN: a config adds depth, weights and schedule."""

_base_ = ['cascade_rcnn.py', 'resnet_fpn.py', 'coco_detection.py', 'det_runtime.py']

model = _base_.resnet_fpn
