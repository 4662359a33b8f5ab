"""HRNetV1 on MPII: a config adds arch, channels and weights."""

_base_ = ['topdown.py', 'mpii.py', 'schedule_pose_210e.py', 'pose_runtime.py']

model = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        # HRNetV1: the highest stream alone, whose last fusion has one output.
        multiscale_output=False,
        init_cfg=dict(type='hrnet_mm.Pretrained'),
    ),
    head=dict(out_channels=16, decoder=_base_.codec),
)
