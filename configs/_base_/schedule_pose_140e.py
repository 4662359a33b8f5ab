"""140 epochs of Adam, learning rate / 10 after epochs 90 and 120 (SimpleBaseline)."""

_base_ = 'schedule_pose_210e.py'

train_cfg = dict(max_epochs=140)
param_scheduler = _base_.param_scheduler
param_scheduler[0].update(end=140, milestones=[90, 120])
