"""HRNet-Wx-C on ImageNet: a config adds arch."""

_base_ = ['classifier.py', 'imagenet.py', 'schedule_imagenet.py', 'cls_runtime.py']

model = dict(
    backbone=dict(type='hrnet_mm.HRNet'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales'),
        dict(type='GlobalAveragePooling'),
    ],
)
