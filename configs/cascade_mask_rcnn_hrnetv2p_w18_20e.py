"""Cascade Mask R-CNN on HRNetV2p-W18, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 36.4, mask APS 17.0, mask APM 38.6, mask APL 52.9, box AP 41.9, box APS 23.8, box APM 44.9, box APL 55.0.

    python tools/train.py configs/cascade_mask_rcnn_hrnetv2p_w18_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_hrnetv2p_w18_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
