"""Faster R-CNN on HRNetV2p-W48, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 41.3, AP50 62.8, AP75 45.1, APS 25.1, APM 44.5, APL 52.9.

    python tools/train.py configs/faster_rcnn_hrnetv2p_w48_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_hrnetv2p_w48_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
