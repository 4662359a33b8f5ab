"""Mask R-CNN on ResNet-FPN: a config adds depth, weights and schedule."""

_base_ = ['mask_rcnn.py', 'resnet_fpn.py', 'coco_instance.py', 'det_runtime.py']

model = _base_.resnet_fpn
