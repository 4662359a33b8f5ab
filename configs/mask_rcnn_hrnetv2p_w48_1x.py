"""Mask R-CNN on HRNetV2p-W48, COCO, 1x.

README of HRNet-Object-Detection, val2017: mask AP 38.1, box AP 42.4.

The README prints the two figures in each other's column: in its other rows masks come first.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w48_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w48_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
