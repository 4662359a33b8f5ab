"""12 epochs of SGD, learning rate / 10 after epochs 8 and 11 (HRNet papers, 1x)."""

_base_ = 'schedule_steps.py'

train_cfg = dict(max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=1 / 3, by_epoch=False, begin=0, end=500),
    dict(_base_.param_scheduler[0], end=12, milestones=[8, 11]),
]
optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=35, norm_type=2),
)
auto_scale_lr = dict(base_batch_size=16)  # 8 GPUs x 2
