"""FCOS on HRNetV2p-W48, COCO, multi-scale training, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 42.9, AP50 61.9, AP75 45.9, APS 26.4, APM 46.7, APL 54.6.

    python tools/train.py configs/fcos_hrnetv2p_w48_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w48_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_hrnetv2p.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
