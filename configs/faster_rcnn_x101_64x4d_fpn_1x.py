"""Faster R-CNN on ResNeXt-101-64x4d-FPN, COCO, 1x.

Table 6 of arXiv 1904.04514, val2017: AP 41.3, AP50 63.4, AP75 45.2, APS 24.5, APM 45.8, APL 53.3.

    python tools/train.py configs/faster_rcnn_x101_64x4d_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_x101_64x4d_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/faster_rcnn_fpn.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_1x.py',
]

model = _base_.resnext101_64x4d
