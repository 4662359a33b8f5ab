"""A top-down HRNetV1; a config adds arch, channels, weights and data."""

_base_ = 'topdown.py'

model = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        # HRNetV1: the highest stream alone, whose last fusion has one output.
        multiscale_output=False,
        init_cfg=dict(type='hrnet_mm.Pretrained'),
    ),
)
