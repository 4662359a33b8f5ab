"""Faster R-CNN on HRNetV2p-W18, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 36.2, AP50 57.3, AP75 39.3, APS 20.7, APM 39.0, APL 46.8.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w18_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w18_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
