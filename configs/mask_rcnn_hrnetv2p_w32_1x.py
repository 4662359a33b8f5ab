"""Mask R-CNN on HRNetV2p-W32, COCO, 1x.

Table X of arXiv 1908.07919, val2017: mask AP 36.7, mask APS 17.3, mask APM 39.0, mask APL 53.0, box AP 40.9, box APS 24.5, box APM 43.9, box APL 52.2.
Table XXV of arXiv 1908.07919, val2017: mask AP 36.8, box AP 40.7.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w32_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w32_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
