"""Mask R-CNN on ResNet-101-FPN, COCO, 1x.

Table X of arXiv 1908.07919, val2017: mask AP 36.1, mask APS 16.2, mask APM 39.0, mask APL 53.0, box AP 40.0, box APS 22.6, box APM 43.4, box APL 52.3.
Table XXV of arXiv 1908.07919, val2017: mask AP 35.9, box AP 39.4.

    python tools/train.py configs/mask_rcnn_r101_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_r101_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_fpn.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
