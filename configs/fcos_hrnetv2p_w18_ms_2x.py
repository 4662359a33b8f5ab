"""FCOS on HRNetV2p-W18, COCO, multi-scale training, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 38.1, AP50 56.3, AP75 40.6, APS 22.9, APM 41.1, APL 48.6.

    python tools/train.py configs/fcos_hrnetv2p_w18_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w18_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_hrnetv2p.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    neck=dict(arch='w18'),
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
