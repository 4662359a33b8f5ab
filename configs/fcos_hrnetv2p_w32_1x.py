"""FCOS on HRNetV2p-W32, COCO, 1x.

Table XXV of arXiv 1908.07919, val2017: AP 38.2, AP50 56.2, AP75 40.9, APS 22.2, APM 41.8, APL 50.0.

The README of HRNet-Object-Detection prints 37.7 here: it has this figure and that of W18 2x the other way round.

    python tools/train.py configs/fcos_hrnetv2p_w32_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w32_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_hrnetv2p.py', '_base_/schedule_fcos_1x.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
