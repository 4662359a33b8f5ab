"""A head on dilated ResNet-101, stride 8, on Cityscapes: the systems of Table III.

The papers quote most of their figures from others and say nothing of the training; here all
train as HRNetV2 does. ResNetV1c has a stem of three 3x3 convolutions, as PSPNet.
"""

_base_ = ['segmentor.py', 'cityscapes.py', 'seg_runtime.py']

norm_cfg = dict(type='SyncBN', requires_grad=True)

model = dict(
    backbone=dict(
        type='ResNetV1c',
        depth=101,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        dilations=(1, 1, 2, 4),
        strides=(1, 2, 1, 1),
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch',
        contract_dilation=True,
        init_cfg=dict(
            type='hrnet_mm.Pretrained', checkpoint='open-mmlab://resnet101_v1c'
        ),
    ),
    decode_head=dict(
        in_channels=2048,
        in_index=3,
        channels=512,
        dropout_ratio=0.1,
        num_classes=19,
        norm_cfg=norm_cfg,
        align_corners=False,
        loss_decode=dict(
            type='hrnet_mm.PixelCrossEntropy', class_weight=_base_.class_weight
        ),
    ),
    test_cfg=_base_.test_window,
)
