"""Mask R-CNN on HRNetV2p-W18, COCO, 2x.

Table X of arXiv 1908.07919, val2017: mask AP 35.3, mask APS 16.9, mask APM 37.5, mask APL 51.8, box AP 39.2, box APS 23.7, box APM 41.7, box APL 51.0.
Table XXV of arXiv 1908.07919, val2017: mask AP 35.7, box AP 39.2.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w18_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w18_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
