"""28 epochs, learning rate / 10 after epochs 24 and 27 (HTC)."""

_base_ = 'schedule_1x.py'

train_cfg = dict(max_epochs=28)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=28, milestones=[24, 27])
