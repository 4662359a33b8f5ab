"""FCOS on HRNetV2p-W32, COCO, multi-scale training, 2x.

Table IX of arXiv 1908.07919, val2017: AP 41.9, AP50 60.3, AP75 45.0, APS 25.1, APM 45.6, APL 53.2.
Table XXV of arXiv 1908.07919, val2017: AP 41.4, AP50 60.3, AP75 44.2, APS 25.2, APM 44.8, APL 52.3.

Table IX does not say that it trained W32 on several scales; the README of HRNet-FCOS does.

    python tools/train.py configs/fcos_hrnetv2p_w32_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w32_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_hrnetv2p.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
