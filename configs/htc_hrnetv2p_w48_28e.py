"""Hybrid Task Cascade (HTC) on HRNetV2p-W48, COCO, 28e.

Table X of arXiv 1908.07919, val2017: mask AP 41.0, mask APS 20.8, mask APM 43.9, mask APL 59.9, box AP 47.0, box APS 28.8, box APM 50.3, box APL 62.2.
Table XI of arXiv 1908.07919, test-dev: box AP 47.3, box AP50 65.9, box AP75 51.2, box APS 28.0, box APM 49.7, box APL 59.8.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w48_28e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w48_28e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_28e.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
