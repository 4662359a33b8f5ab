"""Faster R-CNN on HRNetV2p-W32, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 39.6, AP50 61.0, AP75 43.3, APS 23.7, APM 42.5, APL 50.5.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w32_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w32_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
