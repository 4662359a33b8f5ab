"""Cascade Mask R-CNN on HRNetV2p-W48, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 39.5, mask APS 19.7, mask APM 41.8, mask APL 56.9, box AP 46.0, box APS 27.5, box APM 48.9, box APL 60.1.
Table XI of arXiv 1908.07919, test-dev: box AP 46.1, box AP50 64.0, box AP75 50.3, box APS 27.1, box APM 48.6, box APL 58.3.

    python tools/train.py configs/cascade_mask_rcnn_hrnetv2p_w48_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_hrnetv2p_w48_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
