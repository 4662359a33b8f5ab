"""LIP, 20 classes of people's parts, as the HRNet papers trained and tested on it.

Official HRNet-Semantic-Segmentation, experiments/lip: 150 epochs of 761 batches of 40 are
114,150 iterations. An image becomes a square of 473 times one of 0.5, 0.6, ..., 1.6
pixels. A mirror image exchanges left and right arms, legs and shoes: here mmcv's
RandomFlip does, in training, and hrnet_mm.SegmentationTTA in tools/test.py --tta, the
flip of the papers' figures.

Elsewhere on your disk: `--cfg-options data_root=/path/to/lip/` moves every path.
"""

_base_ = 'segmentation.py'

dataset_type = 'LIPDataset'
data_root = 'data/lip/'
num_classes = 20
crop_size = (473, 473)
# left and right arm, leg, shoe
mirrored_classes = [(14, 15), (16, 17), (18, 19)]

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=num_classes),
    dict(type='RandomFlip', prob=0.5, swap_seg_labels=mirrored_classes),
    dict(
        type='RandomChoiceResize',
        # 12 sizes: 237, 284, ..., 757 = 473 x (0.5 to 1.6)
        scales=[(int(47.3 * tenths + 0.5),) * 2 for tenths in range(5, 17)],
        keep_ratio=False,
    ),
    dict(type='Pad', size=crop_size, pad_val=dict(img=0, seg=255)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=crop_size, keep_ratio=False),
    # After Resize: the labels stay those of the original image, as predictions are.
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=num_classes),
    dict(type='PackSegInputs'),
]
tta_model = dict(type='hrnet_mm.SegmentationTTA', mirrored_classes=mirrored_classes)
tta_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [dict(type='Resize', scale=crop_size, keep_ratio=False)],
            [dict(type='RandomFlip', prob=p) for p in (0.0, 1.0)],
            [dict(type='LoadAnnotations')],
            [dict(type='hrnet_mm.CheckLabels', num_classes=num_classes)],
            [dict(type='PackSegInputs')],
        ],
    ),
]

train_dataloader = dict(
    batch_size=10,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='TrainVal_images/train_images/',
            seg_map_path='TrainVal_parsing_annotations/train_segmentations/',
        ),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='TrainVal_images/val_images/',
            seg_map_path='TrainVal_parsing_annotations/val_segmentations/',
        ),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=150, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.007, momentum=0.9, weight_decay=5e-4),
)
param_scheduler = [dict(_base_.poly, end=150)]
# lr is for 40 images = 4 GPUs x 10; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=40)
