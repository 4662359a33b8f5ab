"""Faster R-CNN on ResNet-50-FPN, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 37.6, AP50 58.7, AP75 41.3, APS 21.4, APM 40.8, APL 49.7.

    python tools/train.py configs/faster_rcnn_r50_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r50_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
