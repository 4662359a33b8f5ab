"""MPII human pose at 256x256 with the augmentation of the HRNet papers.

Boxes are MPII's centres and scales, moved down by 15 and made 1.25 times as large as in the
official code; sizes between 0.75 and 1.25, rotations up to 60 degrees, flips, no half
bodies. The metric is PCKh, at 0.5 and 0.1 of the head's size.

    data/mpii/images/*.jpg
    data/mpii/annotations/mpii_train.json, mpii_val.json, mpii_gt_val.mat

Elsewhere on your disk: `--cfg-options data_root=/path/to/mpii/` moves every path below.
"""

_base_ = 'pose.py'

dataset_type = 'MpiiDataset'
data_root = 'data/mpii/'
# (width, height); 256 / 4 = 64
codec = dict(type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)

train_pipeline = _base_.train_pipeline
# The metric knows that annotations are counted from 1 and predictions from 0.
test_pipeline = _base_.test_pipeline
train_pipeline[3].update(scale=0.25, rotation=30)
train_pipeline[-3].input_size = test_pipeline[-2].input_size = codec['input_size']
train_pipeline[-2].encoder = codec
# mmpose moves the centres to pixels counted from 0, but not the joints.
train_pipeline.insert(1, dict(type='hrnet_mm.KeypointsFromZero'))

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/mpii_train.json',
        data_prefix=dict(img='images/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/mpii_val.json',
        headbox_file=data_root + 'annotations/mpii_gt_val.mat',
        data_prefix=dict(img='images/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='MpiiPCKAccuracy')
test_evaluator = val_evaluator
