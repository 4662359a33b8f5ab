"""Cascade R-CNN on ResNet-50-FPN, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 41.1, AP50 59.1, AP75 44.8, APS 22.5, APM 44.4, APL 54.9.

    python tools/train.py configs/cascade_rcnn_r50_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_r50_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_rcnn_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
