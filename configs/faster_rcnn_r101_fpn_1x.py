"""Faster R-CNN on ResNet-101-FPN, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 39.2, AP50 61.1, AP75 43.0, APS 22.3, APM 42.9, APL 50.9.

    python tools/train.py configs/faster_rcnn_r101_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r101_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
