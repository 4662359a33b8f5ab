"""`make demo-pose`: a small top-down HRNet from scratch in minutes on a laptop.

Not a row of the papers: W18-small-v1 with one output, boxes cut out at 128x96, the drawn
people of the embedded data set. It shows the whole way: data, training, evaluation with
ground-truth boxes, pictures.

    python tools/make_shapes.py data/demo_pose --layout coco-pose --train 700 --val 150 --size 160x160
    python tools/train.py configs/demo_topdown_hrnet.py
"""

_base_ = ['_base_/topdown.py', '_base_/coco_pose.py', '_base_/pose_runtime.py']

data_root = 'data/demo_pose/'
# (width, height); 96 x 128 / 4 = 24 x 32
codec = dict(type='MSRAHeatmap', input_size=(96, 128), heatmap_size=(24, 32), sigma=1.5)

model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[64.0] * 3),
    backbone=dict(
        type='hrnet_mm.HRNet',
        arch='w18_small_v1',
        multiscale_output=False,
        # From scratch: units start as their shortcuts.
        zero_init_residual=True,
    ),
    head=dict(in_channels=16, out_channels=17, decoder=codec),
)

# The drawn people stand: they are turned and resized less than COCO's.
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='RandomFlip', prob=0.5),
    dict(type='hrnet_mm.RandomScaleRotate', scale=0.15, rotation=10),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = _base_.test_pipeline
test_pipeline[2].input_size = codec['input_size']
# The images are small: loading them here leaves both cores to the network.
here = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=16,
    **here,
    dataset=dict(data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(
    **here,
    dataset=dict(data_root=data_root, bbox_file=None, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + 'annotations/person_keypoints_val2017.json')
test_evaluator = val_evaluator

epochs = 8
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=epochs, val_interval=4)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.05, fused=True),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=20),
    dict(
        type='CosineAnnealingLR',
        T_max=epochs,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
default_hooks = dict(logger=dict(interval=10))
custom_hooks = [dict(type='hrnet_mm.ChannelsLastHook')]
