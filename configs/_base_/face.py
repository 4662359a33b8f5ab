"""Facial landmarks at 256x256; a config adds data set, landmarks and metric.

As the official HRNet-Facial-Landmark-Detection: sizes between 0.75 and 1.25, rotations up to
30 degrees, both uniform, flips; boxes 1.25 times as large as the annotated face.

    data/NAME/images/
    data/NAME/annotations/face_landmarks_NAME_train.json, ..._test.json

with mmpose's annotation files. Elsewhere on your disk: `--cfg-options
data_root=/path/to/NAME/` moves every path below.
"""

_base_ = 'pose.py'

# (width, height); 256 / 4 = 64
codec = dict(
    type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=1.5
)

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[3] = dict(type='hrnet_mm.UniformScaleRotate', scale=0.25, rotation=30)
train_pipeline[-3].input_size = test_pipeline[-2].input_size = codec['input_size']
train_pipeline[-2].encoder = codec

train_dataloader = dict(
    batch_size=16,
    dataset=dict(data_prefix=dict(img='images/'), pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(data_prefix=dict(img='images/'), pipeline=test_pipeline),
)
test_dataloader = val_dataloader

# Distances in parts of the one between the outer corners of the eyes, where a config does
# not say another.
val_evaluator = dict(type='NME', norm_mode='keypoint_distance')
test_evaluator = val_evaluator
