"""HRNetV2-W18-small-v1 + FCN head, Cityscapes.

README of HRNet-Semantic-Segmentation, val: mIoU 70.3.

Its name says 18, it has 16 channels. Its ImageNet weights have no public address, so that this
config starts from random ones. If you have them:
init_cfg=dict(type='hrnet_mm.Pretrained', checkpoint='FILE') in the backbone.

    python tools/train.py configs/fcn_hrnetv2_w18_small_v1_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w18_small_v1_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w18_small_v1_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/fcn_hrnetv2_cityscapes.py'

model = dict(
    backbone=dict(arch='w18_small_v1', init_cfg=None),
    decode_head=dict(
        in_channels=[16, 32, 64, 128],
        channels=240,  # 16 + 32 + 64 + 128
    ),
)
