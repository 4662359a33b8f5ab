"""mmdet's 2x: steps after epochs 16 and 22, warm-up from 0.001, gradients not clipped.

Not the papers' schedule; it is what trained mmdet's published 2x weights. To use it, name it
instead of schedule_2x.py in a config's `_base_` list.
"""

_base_ = 'schedule_2x.py'

param_scheduler = _base_.param_scheduler
param_scheduler[0].start_factor = 0.001
param_scheduler[1].milestones = [16, 22]
optim_wrapper = dict(clip_grad=None)
