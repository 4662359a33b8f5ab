"""28 epochs, learning rate / 10 after epochs 24 and 27 (HTC)."""

_base_ = 'schedule_1x.py'

train_cfg = dict(max_epochs=28)
param_scheduler = [
    dict(type='LinearLR', start_factor=1 / 3, by_epoch=False, begin=0, end=500),
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=28,
        milestones=[24, 27],
        gamma=0.1,
    ),
]
