"""Hybrid Task Cascade (HTC) on ResNet-50-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 38.1, mask APS 20.3, mask APM 41.1, mask APL 52.8, box AP 43.2, box APS 24.9, box APM 46.4, box APL 57.8.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_r50_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_r50_fpn_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_fpn.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
