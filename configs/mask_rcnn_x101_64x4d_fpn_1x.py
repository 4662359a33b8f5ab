"""Mask R-CNN on ResNeXt-101-64x4d-FPN, COCO, 1x.

Table XXV of arXiv 1908.07919, val2017: mask AP 38.0, box AP 42.1.

    python tools/train.py configs/mask_rcnn_x101_64x4d_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_x101_64x4d_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/mask_rcnn_fpn.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_1x.py',
]

model = _base_.resnext101_64x4d
