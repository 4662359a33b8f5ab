"""Faster R-CNN on HRNetV2p-W32, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 40.9, AP50 61.8, AP75 44.8, APS 24.4, APM 43.7, APL 53.3.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w32_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w32_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
