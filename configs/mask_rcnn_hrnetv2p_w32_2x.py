"""Mask R-CNN on HRNetV2p-W32, COCO, 2x.

Table X of arXiv 1908.07919, val2017: mask AP 37.6, mask APS 17.8, mask APM 40.0, mask APL 55.0, box AP 42.3, box APS 25.0, box APM 45.4, box APL 54.9.
Table XXV of arXiv 1908.07919, val2017: mask AP 37.6, box AP 42.3.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w32_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w32_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
