"""Mask R-CNN on ResNet-50-FPN, COCO, 1x.

Table X of arXiv 1908.07919, val2017: mask AP 34.2, mask APS 15.7, mask APM 36.8, mask APL 50.2, box AP 37.8, box APS 22.1, box APM 40.9, box APL 49.3.
Table XXV of arXiv 1908.07919, val2017: mask AP 34.2, box AP 37.3.

    python tools/train.py configs/mask_rcnn_r50_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_r50_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_fpn.py', '_base_/schedule_1x.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
