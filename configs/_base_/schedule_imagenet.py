"""100 epochs of SGD, learning rate / 10 after epochs 30, 60 and 90 (HRNet papers).

The official yaml files have half of both, learning rate 0.05 for a batch of 128.
"""

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=100, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

param_scheduler = [
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=100,
        milestones=[30, 60, 90],
        gamma=0.1,
    ),
]
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
)
# lr is for 256 images = 4 GPUs x 64; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=256)
