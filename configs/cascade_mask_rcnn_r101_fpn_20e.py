"""Cascade Mask R-CNN on ResNet-101-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 37.6, mask APS 19.7, mask APM 40.8, mask APL 52.4, box AP 43.3, box APS 24.4, box APM 46.9, box APL 58.0.
Table XI of arXiv 1908.07919, test-dev: box AP 44.0, box AP50 62.3, box AP75 47.9, box APS 24.3, box APM 46.9, box APL 56.7.

    python tools/train.py configs/cascade_mask_rcnn_r101_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_r101_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
