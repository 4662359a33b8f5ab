"""Mask R-CNN on ResNet-50-FPN, COCO, 2x.

Table X of arXiv 1908.07919, val2017: mask AP 35.0, mask APS 16.0, mask APM 37.5, mask APL 52.0, box AP 38.6, box APS 21.7, box APM 41.6, box APL 50.9.
Table XXV of arXiv 1908.07919, val2017: mask AP 35.1, box AP 38.5.

    python tools/train.py configs/mask_rcnn_r50_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_r50_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_fpn.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
