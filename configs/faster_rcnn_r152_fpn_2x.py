"""Faster R-CNN on ResNet-152-FPN, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 40.6, AP50 61.9, AP75 44.5, APS 22.8, APM 44.0, APL 53.1.

    python tools/train.py configs/faster_rcnn_r152_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_r152_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/faster_rcnn_fpn.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152'))
)
