"""100 epochs of SGD, learning rate / 10 after epochs 30, 60 and 90 (HRNet papers).

The official yaml files have half of both, learning rate 0.05 for a batch of 128.
"""

_base_ = 'schedule_steps.py'

train_cfg = dict(max_epochs=100)
param_scheduler = _base_.param_scheduler
param_scheduler[0].update(end=100, milestones=[30, 60, 90])
optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
)
auto_scale_lr = dict(base_batch_size=256)  # 4 GPUs x 64
