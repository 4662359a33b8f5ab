"""Hybrid Task Cascade (HTC) on HRNetV2p-W40, COCO, 28e.

Not a row of the papers: mmdet has this config, without weights or a figure.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w40_28e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w40_28e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_28e.py']

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)
