"""FCOS on HRNetV2p-W48, COCO, 2x.

Not a row of the papers: they train W48 on several scales (fcos_hrnetv2p_w48_ms_2x.py); this is the same without.

    python tools/train.py configs/fcos_hrnetv2p_w48_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_hrnetv2p_w48_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_hrnetv2p.py', '_base_/schedule_fcos_2x.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
