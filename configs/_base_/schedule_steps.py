"""A learning rate that is divided by 10 after some epochs.

A schedule adds how many epochs, after which (`end` and `milestones`), optimizer and batch.
"""

_base_ = 'loops.py'

param_scheduler = [dict(type='MultiStepLR', by_epoch=True, begin=0, gamma=0.1)]
optim_wrapper = dict(type='OptimWrapper')
# lr is for `base_batch_size` images; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True)
