"""210 epochs of Adam, learning rate / 10 after epochs 170 and 200 (HRNet papers, pose).

No warm-up, and no weight decay: WD stands in the official yaml files, but only the learning
rate is given to Adam.
"""

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=210, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

param_scheduler = [
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=210,
        milestones=[170, 200],
        gamma=0.1,
    ),
]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
# lr is for 128 persons = 4 GPUs x 32; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=128)
