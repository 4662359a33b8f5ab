"""Faster R-CNN on ResNeXt-101-64x4d-FPN, COCO, 2x.

Table 6 of arXiv 1904.04514, val2017: AP 40.8, AP50 62.1, AP75 44.6, APS 23.2, APM 44.5, APL 53.7.

    python tools/train.py configs/faster_rcnn_x101_64x4d_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/faster_rcnn_x101_64x4d_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/faster_rcnn_fpn.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_2x.py',
]

model = _base_.resnext101_64x4d
