"""Faster R-CNN on HRNetV2p-W18, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 38.0, AP50 58.9, AP75 41.5, APS 22.6, APM 40.8, APL 49.6.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w18_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w18_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
