"""Cascade Mask R-CNN on ResNeXt-101-64x4d-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 39.4, mask APS 20.8, mask APM 42.7, mask APL 54.1, box AP 45.7, box APS 26.2, box APM 49.6, box APL 60.0.
Table XI of arXiv 1908.07919, test-dev: box AP 45.9, box AP50 64.5, box AP75 50.0, box APS 26.6, box APM 49.0, box APL 58.6.

    python tools/train.py configs/cascade_mask_rcnn_x101_64x4d_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_x101_64x4d_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/cascade_mask_rcnn_fpn.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_20e.py',
]

model = _base_.resnext101_64x4d
