"""HRNetV2-W48 with object-contextual representations; a config adds data and schedule.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR (lib/models/seg_hrnet_ocr.py): an
auxiliary head on the concatenated streams gives soft object regions, pixels attend to
them. Corners are aligned wherever maps are enlarged, in the backbone too; BatchNorm has
PyTorch's momentum. Official convolutions before BatchNorm have biases, which change
nothing and which mmseg's lack.
"""

norm_cfg = dict(type='SyncBN', momentum=0.1, requires_grad=True)
streams = dict(
    in_channels=[48, 96, 192, 384],
    in_index=(0, 1, 2, 3),
    input_transform='resize_concat',
    num_classes=19,
    norm_cfg=norm_cfg,
    align_corners=True,
)

model = dict(
    type='CascadeEncoderDecoder',
    num_stages=2,
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        size_divisor=1,  # the crops have one size already
        pad_val=0,
        seg_pad_val=255,
    ),
    backbone=dict(
        type='hrnet_mm.HRNet',
        arch='w48',
        upsample=dict(mode='bilinear', align_corners=True),
        norm_cfg=norm_cfg,
        init_cfg=dict(
            type='hrnet_mm.Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w48'
        ),
    ),
    decode_head=[
        dict(
            type='FCNHead',
            channels=720,  # 48 + 96 + 192 + 384
            kernel_size=1,
            num_convs=1,
            concat_input=False,
            dropout_ratio=0,
            loss_decode=dict(type='hrnet_mm.PixelCrossEntropy', loss_weight=0.4),
            **streams,
        ),
        dict(
            type='OCRHead',
            channels=512,
            ocr_channels=256,
            dropout_ratio=0.05,
            loss_decode=dict(type='hrnet_mm.PixelCrossEntropy', loss_weight=1.0),
            **streams,
        ),
    ],
    test_cfg=dict(mode='whole'),
)
