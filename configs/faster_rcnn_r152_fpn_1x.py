"""Faster R-CNN on ResNet-152-FPN, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 39.5, AP50 61.2, AP75 43.0, APS 22.1, APM 43.3, APL 51.8.

    python tools/train.py configs/faster_rcnn_r152_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r152_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152'))
)
