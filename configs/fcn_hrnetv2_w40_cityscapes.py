"""HRNetV2-W40 + FCN head, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 80.2.
Table 1 of arXiv 1904.04514, val: mIoU 80.2.

    python tools/train.py configs/fcn_hrnetv2_w40_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w40_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w40_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/fcn_hrnetv2_cityscapes.py'

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    decode_head=dict(
        in_channels=[40, 80, 160, 320],
        channels=600,  # 40 + 80 + 160 + 320
    ),
)
