"""mmdet trained its published FCOS weights so: BGR images, boxes suppressed from 0.5 on.

The ImageNet weights that they started from expect RGB, so nothing new is trained this way.
A config sets `model = _base_.fcos_mmdet`.
"""

fcos_mmdet = dict(
    data_preprocessor=dict(
        mean=[103.53, 116.28, 123.675],
        std=[57.375, 57.12, 58.395],
        bgr_to_rgb=False,
    ),
    test_cfg=dict(nms=dict(iou_threshold=0.5)),
)
