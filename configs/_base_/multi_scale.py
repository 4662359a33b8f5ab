"""Training images whose shorter side is drawn from 640 to 800 pixels.

The official HRNet-FCOS draws from the whole range (MIN_SIZE_RANGE_TRAIN); mmdet takes one
of its two ends. A config sets `train_dataloader = dict(dataset=dict(pipeline=...))`.
"""

multi_scale = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='RandomResize', scale=[(1333, 640), (1333, 800)], keep_ratio=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
