"""HRNetV2 with a fully convolutional head; a config adds arch, weights, data, schedule.

Official HRNet-Semantic-Segmentation, branch pytorch-v1.1 (lib/models/seg_hrnet.py): the
four streams enlarged and concatenated, a 1x1 convolution that keeps the channels, a 1x1
classifier, logits at stride 4. The official 1x1 convolution before BatchNorm has a bias,
which changes nothing and which mmseg's lacks.
"""

_base_ = 'segmentor.py'

# Branch HRNet-OCR has 0.1 and aligned corners: fcn_hrnetv2_aligned.py.
norm_cfg = dict(type='SyncBN', momentum=0.01, requires_grad=True)

model = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        arch='w48',
        # Segmentation fuses bilinearly, though the ImageNet weights knew nearest.
        upsample=dict(mode='bilinear', align_corners=False),
        norm_cfg=norm_cfg,
        init_cfg=dict(
            type='hrnet_mm.Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w48'
        ),
    ),
    decode_head=dict(
        type='FCNHead',
        in_channels=[48, 96, 192, 384],
        in_index=(0, 1, 2, 3),
        input_transform='resize_concat',
        channels=720,  # 48 + 96 + 192 + 384
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        dropout_ratio=0,
        num_classes=19,
        norm_cfg=norm_cfg,
        align_corners=False,
        init_cfg=[
            dict(type='Normal', layer='Conv2d', std=0.001),
            dict(type='Constant', layer='_BatchNorm', val=1),
        ],
        loss_decode=dict(type='hrnet_mm.PixelCrossEntropy'),
    ),
)
