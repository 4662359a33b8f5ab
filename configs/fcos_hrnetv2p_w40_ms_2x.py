"""FCOS on HRNetV2p-W40, COCO, multi-scale training, 2x.

Not a row of the papers: mmdet publishes weights of this width, see fcos_hrnetv2p_w40_ms_2x_mmdet.py.

    python tools/train.py configs/fcos_hrnetv2p_w40_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w40_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_hrnetv2p.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
