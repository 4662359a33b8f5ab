"""Faster R-CNN on ResNet-50-FPN, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 36.7, AP50 58.3, AP75 39.9, APS 20.9, APM 39.8, APL 47.9.

    python tools/train.py configs/faster_rcnn_r50_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r50_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
