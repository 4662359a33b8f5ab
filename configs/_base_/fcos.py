"""FCOS with group norm in its head; a config adds backbone and neck.

As in the official HRNet-FCOS (maskrcnn_benchmark/config/defaults.py), levels at strides 8
to 128; mmdet suppresses boxes from an overlap of 0.5 on, the authors from 0.6. Images are
RGB, as the ImageNet weights of HRNet were trained. Both code bases fed them BGR: for
weights that were trained so see fcos_mmdet.py.
"""

_base_ = 'rgb.py'

model = dict(
    type='FCOS',
    data_preprocessor=dict(
        type='DetDataPreprocessor', bgr_to_rgb=True, pad_size_divisor=32
    ),
    bbox_head=dict(
        type='FCOSHead',
        num_classes=80,
        in_channels=256,
        stacked_convs=4,
        feat_channels=256,
        strides=[8, 16, 32, 64, 128],
        norm_cfg=dict(type='GN', num_groups=32, requires_grad=True),
        loss_cls=dict(
            type='FocalLoss',
            use_sigmoid=True,
            gamma=2.0,
            alpha=0.25,
            loss_weight=1.0,
        ),
        loss_bbox=dict(type='IoULoss', loss_weight=1.0),
        loss_centerness=dict(
            type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1.0
        ),
    ),
    test_cfg=dict(
        nms_pre=1000,
        min_bbox_size=0,
        score_thr=0.05,
        nms=dict(type='nms', iou_threshold=0.6),
        max_per_img=100,
    ),
)
