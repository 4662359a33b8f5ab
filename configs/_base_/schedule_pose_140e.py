"""140 epochs of Adam, learning rate / 10 after epochs 90 and 120 (SimpleBaseline)."""

_base_ = 'schedule_pose_210e.py'

train_cfg = dict(max_epochs=140)
param_scheduler = [
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=140,
        milestones=[90, 120],
        gamma=0.1,
    ),
]
