"""Faster R-CNN on ResNet-101-FPN, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 39.8, AP50 61.4, AP75 43.4, APS 22.9, APM 43.6, APL 52.4.

    python tools/train.py configs/faster_rcnn_r101_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r101_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
