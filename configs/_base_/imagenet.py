"""ImageNet (ILSVRC 2012), 1000 classes, 224x224, as the HRNet papers use it.

One folder per class in `train/` and `val/`, or `meta/train.txt` and `meta/val.txt` with a
line `PATH CLASS-NUMBER` per image. Elsewhere on your disk:
`--cfg-options data_root=/path/to/imagenet/` moves every path below. Your own class folders:
give both data sets metainfo=dict(classes=('first', 'second', ...)), in the folders' order by
name, and the head num_classes.
"""

_base_ = 'loaders.py'

dataset_type = 'ImageNet'
data_root = 'data/imagenet/'

# Pillow, as the official code resizes: it smooths before it makes smaller.
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='RandomResizedCrop', scale=224, backend='pillow'),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs'),
]

train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='train',
        data_prefix=dict(img_path='train/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=64,
    drop_last=False,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='val',
        data_prefix=dict(img_path='val/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# The papers print the errors, 100 minus these.
val_evaluator = dict(type='Accuracy', topk=(1, 5))
test_evaluator = val_evaluator
