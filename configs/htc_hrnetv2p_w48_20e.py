"""Hybrid Task Cascade (HTC) on HRNetV2p-W48, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 40.7, mask APS 19.7, mask APM 43.4, mask APL 59.3, box AP 46.8, box APS 28.0, box APM 50.2, box APL 61.7.
Table XI of arXiv 1908.07919, test-dev: box AP 47.0, box AP50 65.8, box AP75 51.0, box APS 27.9, box APM 49.4, box APL 59.7.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w48_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w48_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
