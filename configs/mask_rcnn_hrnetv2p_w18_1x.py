"""Mask R-CNN on HRNetV2p-W18, COCO, 1x.

Table X of arXiv 1908.07919, val2017: mask AP 33.8, mask APS 15.6, mask APM 35.6, mask APL 49.8, box AP 37.1, box APS 21.9, box APM 39.5, box APL 47.9.
Table XXV of arXiv 1908.07919, val2017: mask AP 34.2, box AP 37.3.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w18_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w18_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
