"""60 epochs of Adam, learning rate / 10 after epochs 30 and 50 (HRNet papers, faces)."""

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=60, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

param_scheduler = [
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=60,
        milestones=[30, 50],
        gamma=0.1,
    ),
]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-4))
# lr is for 16 faces = 1 GPU x 16; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=16)
