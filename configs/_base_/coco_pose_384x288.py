"""COCO key points at 384x288: larger boxes, larger heat maps, wider targets."""

_base_ = 'coco_pose.py'

# (width, height); 288 x 384 / 4 = 72 x 96
codec = dict(input_size=(288, 384), heatmap_size=(72, 96), sigma=3)
train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[-3].input_size = test_pipeline[-2].input_size = codec['input_size']
train_pipeline[-2].encoder.update(codec)

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
