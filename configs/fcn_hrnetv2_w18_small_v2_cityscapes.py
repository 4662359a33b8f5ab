"""HRNetV2-W18-small-v2 + FCN head, Cityscapes.

README of HRNet-Semantic-Segmentation, val: mIoU 76.2.

mmseg's published fcn_hr18s weights (val mIoU 76.31 at 160k iterations) load here.

    python tools/train.py configs/fcn_hrnetv2_w18_small_v2_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w18_small_v2_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w18_small_v2_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/fcn_hrnetv2_cityscapes.py'

model = dict(
    backbone=dict(
        arch='w18_small_v2',
        init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w18_small'),
    ),
    decode_head=dict(
        in_channels=[18, 36, 72, 144],
        channels=270,  # 18 + 36 + 72 + 144
    ),
)
