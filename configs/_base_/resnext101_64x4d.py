"""ResNeXt-101-64x4d in the place of a ResNet: `model = _base_.resnext101_64x4d`."""

resnext101_64x4d = dict(
    backbone=dict(
        type='ResNeXt',
        depth=101,
        groups=64,
        base_width=4,
        init_cfg=dict(checkpoint='open-mmlab://resnext101_64x4d'),
    ),
)
