"""`make demo-seg`: a small HRNetV2 + FCN head from scratch in minutes on a laptop.

Not a row of the papers: W18-small-v1, 160 x 320 pixels, the 14 classes of Cityscapes that the
embedded data set draws. It shows the whole way: data, training, evaluation, pictures.

    python tools/make_shapes.py data/demo_seg --layout cityscapes --train 400 --val 60 --size 160x320
    python tools/train.py configs/demo_fcn_hrnetv2.py
"""

_base_ = [
    '_base_/fcn_hrnetv2.py',
    '_base_/cityscapes.py',
    '_base_/demo.py',
    '_base_/seg_runtime.py',
]

data_root = 'data/demo_seg/'
# hrnet_mm.data.shapes.STREET_CLASSES without rider, truck, train, motorcycle and bicycle
classes = (
    'road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light',
    'traffic sign', 'vegetation', 'terrain', 'sky', 'person', 'car', 'bus',
)  # fmt: skip
size = (160, 320)
norm_cfg = dict(type='BN')

model = dict(
    data_preprocessor=_base_.demo.data_preprocessor,
    # From scratch: units start as their shortcuts.
    backbone=dict(
        arch='w18_small_v1',
        norm_cfg=dict(_delete_=True, **norm_cfg),
        zero_init_residual=True,
        init_cfg=None,
    ),
    decode_head=dict(
        in_channels=[16, 32, 64, 128],
        channels=240,  # 16 + 32 + 64 + 128
        num_classes=len(classes),
        norm_cfg=dict(_delete_=True, **norm_cfg),
        init_cfg=[dict(type='Kaiming', layer='Conv2d')],
    ),
)

load = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=len(classes)),
]
train_pipeline = [
    *load,
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [*load, dict(type='PackSegInputs')]
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = [
    dict(type='Resize', scale_factor=factor, keep_ratio=True)
    for factor in (0.75, 1.0, 1.25)
]
tta_pipeline[1].transforms[3] = [load[2]]
data = dict(data_root=data_root, metainfo=dict(classes=classes))
train_dataloader = dict(
    batch_size=4, **_base_.demo.loader, dataset=dict(pipeline=train_pipeline, **data)
)
val_dataloader = dict(
    batch_size=4, **_base_.demo.loader, dataset=dict(pipeline=test_pipeline, **data)
)
test_dataloader = val_dataloader

epochs = 8
train_cfg = dict(max_epochs=epochs, val_interval=4)
optim_wrapper = dict(
    _base_.demo.optim_wrapper,
    _delete_=True,
    clip_grad=dict(max_norm=10, norm_type=2),
)
param_scheduler = _base_.demo.param_scheduler
param_scheduler[1].T_max = epochs
auto_scale_lr = dict(enable=False)
default_hooks = dict(logger=dict(interval=10))
custom_hooks = _base_.demo.custom_hooks
log_processor = dict(window_size=10)
