"""HTC on ResNet-FPN: a config adds depth, weights and schedule."""

_base_ = ['htc.py', 'resnet_fpn.py', 'coco_instance_semantic.py', 'det_runtime.py']

model = _base_.resnet_fpn
