"""FCOS, 1x: 12 epochs at half the usual rate, biases twice as fast and without decay.

The authors' 90,000 iterations of 16 images, steps after 60,000 and 80,000: with 117,266
images, epochs 8 and 11. Neither their code nor that of Table XXV clips gradients.
"""

_base_ = 'schedule_1x.py'

param_scheduler = _base_.param_scheduler
param_scheduler[0] = dict(
    type='ConstantLR', factor=1 / 3, by_epoch=False, begin=0, end=500
)
optim_wrapper = dict(
    optimizer=dict(lr=0.01),
    paramwise_cfg=dict(bias_lr_mult=2.0, bias_decay_mult=0.0),
    clip_grad=None,
)
