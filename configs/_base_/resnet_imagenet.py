"""ResNets with HRNet's stem on ImageNet: a config adds depth."""

_base_ = ['classifier.py', 'imagenet.py', 'schedule_imagenet.py', 'cls_runtime.py']

model = dict(
    backbone=dict(type='hrnet_mm.ResNet'),
    neck=dict(type='GlobalAveragePooling'),
)
