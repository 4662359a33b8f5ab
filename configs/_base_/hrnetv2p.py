"""HRNetV2p as every detector here has it: a config adds arch and weights."""

hrnetv2p = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        # Two images per GPU are too few for statistics: those of ImageNet stay.
        norm_eval=True,
        init_cfg=dict(type='hrnet_mm.Pretrained'),
    ),
    neck=dict(type='hrnet_mm.HRFPN', out_channels=256),
)
