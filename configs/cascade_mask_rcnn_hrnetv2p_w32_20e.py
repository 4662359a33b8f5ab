"""Cascade Mask R-CNN on HRNetV2p-W32, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 38.5, mask APS 18.9, mask APM 41.1, mask APL 56.1, box AP 44.5, box APS 26.1, box APM 47.9, box APL 58.5.
Table XI of arXiv 1908.07919, test-dev: box AP 44.7, box AP50 62.5, box AP75 48.6, box APS 25.8, box APM 47.1, box APL 56.3.

    python tools/train.py configs/cascade_mask_rcnn_hrnetv2p_w32_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_hrnetv2p_w32_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
