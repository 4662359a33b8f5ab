"""Cascade Mask R-CNN on ResNet-50-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 36.6, mask APS 19.0, mask APM 37.4, mask APL 50.7, box AP 42.3, box APS 23.7, box APM 45.7, box APL 56.4.

Table XXV prints mask APM 39.4; the other figures agree, so one of the two is a misprint.

    python tools/train.py configs/cascade_mask_rcnn_r50_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_r50_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
