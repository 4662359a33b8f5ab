"""Hybrid Task Cascade (HTC) on HRNetV2p-W40, COCO, 20e.

Not a row of the papers: mmdet publishes weights of this width.
Metafile of mmdet 3.3.0, val2017: mask AP 40.8, box AP 46.4.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_hrnetv2p_w40_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_hrnetv2p_w40_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/htc_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)
