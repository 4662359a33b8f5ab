"""210 epochs of Adam, learning rate / 10 after epochs 170 and 200 (HRNet papers, pose).

No warm-up, and no weight decay: WD stands in the official yaml files, but only the learning
rate is given to Adam.
"""

_base_ = 'schedule_steps.py'

train_cfg = dict(max_epochs=210, val_interval=10)
param_scheduler = _base_.param_scheduler
param_scheduler[0].update(end=210, milestones=[170, 200])
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-3))
auto_scale_lr = dict(base_batch_size=128)  # 4 GPUs x 32 persons
