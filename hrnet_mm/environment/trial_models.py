"""A small model of each toolbox with our network, and what it is told of an image."""

from __future__ import annotations

from typing import Any

ARCH = 'w18_small_v1'
WIDTHS = (16, 32, 64, 128)
SIDE = 64  # pixels
PIXELS = dict(mean=[127.5] * 3, std=[64.0] * 3)
LAST = dict(type='hrnet_mm.HRNet', arch=ARCH, multiscale_output=False)
CODER = dict(type='DeltaXYWHBBoxCoder')


def nms(threshold: float) -> dict[str, Any]:
    """Return the config of a suppression of boxes that overlap more than that."""
    return dict(type='nms', iou_threshold=threshold)


DETECTOR = dict(
    type='FasterRCNN',
    data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=32, **PIXELS),
    backbone=dict(type='hrnet_mm.HRNet', arch=ARCH),
    neck=dict(type='hrnet_mm.HRFPN', arch=ARCH, out_channels=16),
    rpn_head=dict(
        type='RPNHead',
        in_channels=16,
        feat_channels=16,
        anchor_generator=dict(
            type='AnchorGenerator',
            scales=[8],
            ratios=[0.5, 1.0, 2.0],  # one anchor alone would lose its dimension
            strides=[4, 8, 16, 32, 64],
        ),
        bbox_coder=CODER,
    ),
    roi_head=dict(
        type='StandardRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0),
            out_channels=16,
            featmap_strides=[4, 8, 16, 32],
        ),
        bbox_head=dict(
            type='Shared2FCBBoxHead',
            in_channels=16,
            fc_out_channels=16,
            roi_feat_size=7,
            num_classes=2,
            bbox_coder=CODER,
        ),
    ),
    train_cfg=None,
    test_cfg=dict(
        rpn=dict(nms_pre=50, max_per_img=20, nms=nms(0.7), min_bbox_size=0),
        rcnn=dict(score_thr=0.0, nms=nms(0.5), max_per_img=5),
    ),
)
SEGMENTOR = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='SegDataPreProcessor', size=(SIDE, SIDE), **PIXELS),
    backbone=dict(type='hrnet_mm.HRNet', arch=ARCH),
    decode_head=dict(
        type='FCNHead',
        in_channels=list(WIDTHS),
        in_index=(0, 1, 2, 3),
        input_transform='resize_concat',
        channels=16,
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        num_classes=2,
    ),
    test_cfg=dict(mode='whole'),
)
ESTIMATOR = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', **PIXELS),
    backbone=LAST,
    head=dict(
        type='HeatmapHead',
        in_channels=WIDTHS[0],
        out_channels=17,
        deconv_out_channels=None,
        decoder=dict(
            type='MSRAHeatmap',
            input_size=(SIDE, SIDE),
            heatmap_size=(SIDE // 4, SIDE // 4),
            sigma=2,
        ),
    ),
)
CLASSIFIER = dict(
    type='ImageClassifier',
    data_preprocessor=dict(num_classes=3, **PIXELS),
    backbone=LAST,
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=3, in_channels=WIDTHS[0]),
)
MODELS_OF = dict(
    mmdet=DETECTOR, mmseg=SEGMENTOR, mmpose=ESTIMATOR, mmpretrain=CLASSIFIER
)


def sample(scope: str) -> Any:
    """What a toolbox's data loader says of the image."""
    sizes = dict.fromkeys(('img_shape', 'ori_shape', 'pad_shape'), (SIDE, SIDE))
    if scope == 'mmdet':
        from mmdet.structures import DetDataSample

        return DetDataSample(metainfo=dict(sizes, scale_factor=(1.0, 1.0)))
    if scope == 'mmseg':
        from mmseg.structures import SegDataSample

        return SegDataSample(metainfo=sizes)
    if scope == 'mmpose':
        from mmpose.testing import get_packed_inputs

        made = get_packed_inputs(
            batch_size=1,
            img_shape=(SIDE, SIDE),
            input_size=(SIDE, SIDE),
            heatmap_size=(SIDE // 4, SIDE // 4),
        )
        return made['data_samples'][0]
    from mmpretrain.structures import DataSample

    return DataSample(metainfo=sizes)
