"""COCO key points with SimpleBaseline's augmentation: no half bodies, smaller changes."""

_base_ = 'coco_pose.py'

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='RandomFlip', prob=0.5),
    dict(type='hrnet_mm.RandomScaleRotate', scale=0.3, rotation=40),
    dict(type='TopdownAffine', input_size=_base_.codec['input_size']),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
