"""Hybrid Task Cascade (HTC) on HRNetV2p-W32, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 39.6, mask APS 19.1, mask APM 42.0, mask APL 57.9, box AP 45.3, box APS 27.0, box APM 48.4, box APL 59.5.
Table XI of arXiv 1908.07919, test-dev: box AP 45.6, box AP50 64.1, box AP75 49.4, box APS 26.7, box APM 47.7, box APL 58.0.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w32_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w32_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
