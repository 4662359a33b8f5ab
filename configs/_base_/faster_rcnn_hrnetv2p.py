"""Faster R-CNN on HRNetV2p: a config adds arch, weights and schedule."""

_base_ = ['faster_rcnn.py', 'coco_detection.py', 'det_runtime.py']

model = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        # Two images per GPU are too few for statistics: those of ImageNet stay.
        norm_eval=True,
        init_cfg=dict(type='hrnet_mm.Pretrained'),
    ),
    neck=dict(type='hrnet_mm.HRFPN', out_channels=256),
)
