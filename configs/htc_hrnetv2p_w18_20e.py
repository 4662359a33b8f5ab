"""Hybrid Task Cascade (HTC) on HRNetV2p-W18, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 37.9, mask APS 18.8, mask APM 39.9, mask APL 55.2, box AP 43.1, box APS 26.6, box APM 46.0, box APL 56.9.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w18_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w18_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
