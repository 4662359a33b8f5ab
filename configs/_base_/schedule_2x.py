"""24 epochs, learning rate / 10 after epochs 20 and 23 (HRNet papers, 2x).

"The schedule suggested in Rethinking ImageNet Pre-training": most of the time is spent at
the full learning rate. mmdet's 2x is another one: see schedule_2x_mmdet.py.
"""

_base_ = 'schedule_1x.py'

train_cfg = dict(max_epochs=24)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=24, milestones=[20, 23])
