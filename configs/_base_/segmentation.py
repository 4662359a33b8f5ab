"""What the segmentation data sets share: loaders, metric, the polynomial schedule."""

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
# To 0, by iteration; a data set adds its `end`, in epochs.
poly = dict(
    type='PolyLR',
    power=0.9,
    eta_min=0,
    begin=0,
    by_epoch=True,
    convert_to_iter_based=True,
)
