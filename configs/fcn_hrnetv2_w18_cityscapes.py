"""HRNetV2-W18 + FCN head, Cityscapes.

Not a row of the papers: the full-depth network beside W18-small; mmseg's published fcn_hr18 weights
(val mIoU 78.80 at 160k iterations) load here.

    python tools/train.py configs/fcn_hrnetv2_w18_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w18_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w18_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/fcn_hrnetv2_cityscapes.py'

model = dict(
    backbone=dict(
        arch='w18', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18')
    ),
    decode_head=dict(
        in_channels=[18, 36, 72, 144],
        channels=270,  # 18 + 36 + 72 + 144
    ),
)
