"""COCO key points at 384x288 with SimpleBaseline's augmentation: see coco_pose_simple.py."""

_base_ = 'coco_pose_384x288.py'

train_pipeline = _base_.train_pipeline
train_pipeline.pop(3)  # RandomHalfBody
train_pipeline[3].update(scale=0.3, rotation=40)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
