"""Faster R-CNN on HRNetV2p-W40, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 41.6, AP50 62.5, AP75 45.6, APS 23.8, APM 44.9, APL 53.8.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w40_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w40_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)
