"""Cascade R-CNN on ResNeXt-101-64x4d-FPN, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 44.7, AP50 63.1, AP75 49.0, APS 25.8, APM 48.3, APL 58.8.
Table XI of arXiv 1908.07919, test-dev: AP 44.9, AP50 63.7, AP75 48.9, APS 25.9, APM 47.7, APL 57.1.

    python tools/train.py configs/cascade_rcnn_x101_64x4d_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_x101_64x4d_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/cascade_rcnn_fpn.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_20e.py',
]

model = _base_.resnext101_64x4d
