"""Mask R-CNN on ResNet-101-FPN, COCO, 2x.

Table X of arXiv 1908.07919, val2017: mask AP 36.7, mask APS 17.0, mask APM 39.5, mask APL 54.8, box AP 41.0, box APS 23.4, box APM 44.4, box APL 53.9.
Table XXV of arXiv 1908.07919, val2017: mask AP 36.5, box AP 40.3.

    python tools/train.py configs/mask_rcnn_r101_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_r101_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_fpn.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
