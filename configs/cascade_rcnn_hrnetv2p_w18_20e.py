"""Cascade R-CNN on HRNetV2p-W18, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 41.3, AP50 59.2, AP75 44.9, APS 23.7, APM 44.2, APL 54.1.

    python tools/train.py configs/cascade_rcnn_hrnetv2p_w18_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_hrnetv2p_w18_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
