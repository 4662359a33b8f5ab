"""`make demo-pose`: a small top-down HRNet from scratch in minutes on a laptop.

Not a row of the papers: W18-small-v1 with one output, boxes cut out at 128x96, the drawn
people of the embedded data set. It shows the whole way: data, training, evaluation with
ground-truth boxes, pictures.

    python tools/make_shapes.py data/demo_pose --layout coco-pose --train 700 --val 150 --size 160x160
    python tools/train.py configs/demo_topdown_hrnet.py
"""

_base_ = [
    '_base_/topdown.py',
    '_base_/coco_pose_simple.py',
    '_base_/demo.py',
    '_base_/loops.py',
    '_base_/pose_runtime.py',
]

data_root = 'data/demo_pose/'
# (width, height); 96 x 128 / 4 = 24 x 32
codec = dict(type='MSRAHeatmap', input_size=(96, 128), heatmap_size=(24, 32), sigma=1.5)

model = dict(
    data_preprocessor=_base_.demo.data_preprocessor,
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
train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[3].update(scale=0.15, rotation=10)
train_pipeline[-3].input_size = test_pipeline[-2].input_size = codec['input_size']
train_pipeline[-2].encoder = codec
train_dataloader = dict(
    batch_size=16,
    **_base_.demo.loader,
    dataset=dict(data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(
    **_base_.demo.loader,
    dataset=dict(data_root=data_root, bbox_file=None, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + 'annotations/person_keypoints_val2017.json')
test_evaluator = val_evaluator

epochs = 8
train_cfg = dict(max_epochs=epochs, val_interval=4)
optim_wrapper = _base_.demo.optim_wrapper
param_scheduler = _base_.demo.param_scheduler
param_scheduler[1].T_max = epochs
default_hooks = dict(logger=dict(interval=10))
custom_hooks = _base_.demo.custom_hooks
