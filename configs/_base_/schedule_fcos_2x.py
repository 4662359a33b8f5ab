"""FCOS, 2x: 24 epochs, learning rate / 10 after epochs 16 and 22.

The authors' 180,000 iterations of 16 images, steps after 120,000 and 160,000: a plain
doubling, unlike the 2x of the two-stage detectors (schedule_2x.py).
"""

_base_ = 'schedule_fcos_1x.py'

train_cfg = dict(max_epochs=24)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=24, milestones=[16, 22])
