"""Facial landmarks at 256x256; a config adds data set, landmarks and metric.

As the official HRNet-Facial-Landmark-Detection: sizes between 0.75 and 1.25, rotations up to
30 degrees, both uniform, flips; boxes 1.25 times as large as the annotated face.

    data/NAME/images/
    data/NAME/annotations/face_landmarks_NAME_train.json, ..._test.json

with mmpose's annotation files. Elsewhere on your disk: `--cfg-options
data_root=/path/to/NAME/` moves every path below.
"""

# (width, height); 256 / 4 = 64
codec = dict(
    type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=1.5
)

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='RandomFlip', prob=0.5),
    dict(type='hrnet_mm.UniformScaleRotate', scale=0.25, rotation=30),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackPoseInputs'),
]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        data_mode='topdown',
        data_prefix=dict(img='images/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        data_mode='topdown',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# Distances in parts of the one between the outer corners of the eyes, where a config does
# not say another.
val_evaluator = dict(type='NME', norm_mode='keypoint_distance')
test_evaluator = val_evaluator
