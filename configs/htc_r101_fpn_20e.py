"""Hybrid Task Cascade (HTC) on ResNet-101-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 39.4, mask APS 21.4, mask APM 42.4, mask APL 54.4, box AP 44.9, box APS 26.4, box APM 48.3, box APL 59.9.
Table XI of arXiv 1908.07919, test-dev: box AP 45.1, box AP50 64.3, box AP75 49.0, box APS 25.2, box APM 48.0, box APL 58.2.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_r101_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_r101_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
