"""Cascade R-CNN on ResNet-101-FPN, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 42.5, AP50 60.7, AP75 46.3, APS 23.7, APM 46.1, APL 56.9.
Table XI of arXiv 1908.07919, test-dev: AP 43.1, AP50 61.7, AP75 46.7, APS 24.1, APM 45.9, APL 55.0.

    python tools/train.py configs/cascade_rcnn_r101_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_r101_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_rcnn_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
