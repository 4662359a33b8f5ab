"""FCOS on HRNetV2p-W18, COCO, 1x.

Table XXV of arXiv 1908.07919, val2017: AP 35.2, AP50 52.9, AP75 37.3, APS 20.4, APM 37.8, APL 46.1.

    python tools/train.py configs/fcos_hrnetv2p_w18_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w18_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_hrnetv2p.py', '_base_/schedule_fcos_1x.py']

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)
