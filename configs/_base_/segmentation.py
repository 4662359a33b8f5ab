"""Segmentation data sets share this: pipelines, loaders, metric, polynomial schedule.

Images are resized, cropped and flipped to train; colours are left alone. A data set adds its
files, its number of classes and sizes, and how long and how fast it trains.
"""

_base_ = ['loaders.py', 'loops.py']

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels'),  # with num_classes
    dict(type='RandomChoiceResize', keep_ratio=True),  # with scales, (width, height)
    dict(type='Pad', pad_val=dict(img=0, seg=255)),  # with size, (width, height)
    dict(type='RandomCrop'),  # with crop_size, (height, width)
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', keep_ratio=True),  # with scale, (width, height)
    # After Resize: the labels stay those of the original image, as predictions are.
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels'),  # with num_classes
    dict(type='PackSegInputs'),
]
tta_model = dict(type='hrnet_mm.SegmentationTTA')
tta_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [],  # one Resize per size
            [dict(type='RandomFlip', prob=p) for p in (0.0, 1.0)],
            [dict(type='LoadAnnotations')],
            [dict(type='hrnet_mm.CheckLabels')],  # with num_classes
            [dict(type='PackSegInputs')],
        ],
    ),
]

train_dataloader = dict(drop_last=True)
val_dataloader = dict(batch_size=1, dataset=dict(test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator

train_cfg = dict(val_interval=10)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', momentum=0.9))
# To 0, by iteration; a data set adds its `end`, in epochs.
poly = dict(
    type='PolyLR',
    power=0.9,
    eta_min=0,
    begin=0,
    by_epoch=True,
    convert_to_iter_based=True,
)
# lr is for `base_batch_size` images; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True)
