"""60 epochs of Adam, learning rate / 10 after epochs 30 and 50 (HRNet papers, faces)."""

_base_ = 'schedule_steps.py'

train_cfg = dict(max_epochs=60)
param_scheduler = _base_.param_scheduler
param_scheduler[0].update(end=60, milestones=[30, 50])
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-4))
auto_scale_lr = dict(base_batch_size=16)  # 1 GPU x 16 faces
