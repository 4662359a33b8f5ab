"""COCO key points with SimpleBaseline's augmentation: no half bodies, smaller changes."""

_base_ = 'coco_pose.py'

train_pipeline = _base_.train_pipeline
train_pipeline.pop(3)  # RandomHalfBody
train_pipeline[3].update(scale=0.3, rotation=40)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
