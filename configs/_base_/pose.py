"""Data sets of poses and landmarks share this: pipelines and loaders.

One box at a time, 1.25 times as large as what is annotated. A data set adds its files, the
codec, which says the sizes of input and heat maps, its augmentation and its metric.
"""

_base_ = 'loaders.py'

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='RandomFlip', prob=0.5),
    dict(type='hrnet_mm.RandomScaleRotate'),  # with scale and rotation
    dict(type='TopdownAffine'),  # with the codec's input_size
    dict(type='GenerateTarget'),  # with the codec as encoder
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='TopdownAffine'),  # with the codec's input_size
    dict(type='PackPoseInputs'),
]

train_dataloader = dict(batch_size=32, dataset=dict(data_mode='topdown'))
val_dataloader = dict(
    batch_size=32,
    drop_last=False,
    sampler=dict(round_up=False),
    dataset=dict(data_mode='topdown', test_mode=True),
)
test_dataloader = val_dataloader
