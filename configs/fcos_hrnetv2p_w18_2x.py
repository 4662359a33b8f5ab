"""FCOS on HRNetV2p-W18, COCO, 2x.

Table IX of arXiv 1908.07919, val2017: AP 37.7, AP50 55.3, AP75 40.2, APS 22.0, APM 40.8, APL 48.8.
Table XXV of arXiv 1908.07919, val2017: AP 37.7, AP50 55.9, AP75 40.1, APS 22.0, APM 40.8, APL 48.5.
Table XI of arXiv 1908.07919, test-dev: AP 37.8, AP50 56.1, AP75 40.4, APS 21.6, APM 39.8, APL 47.4.

The README of HRNet-Object-Detection prints 38.2 here: it has this figure and that of W32 1x the other way round.

    python tools/train.py configs/fcos_hrnetv2p_w18_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w18_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_hrnetv2p.py', '_base_/schedule_fcos_2x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
