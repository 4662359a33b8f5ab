"""Dilated ResNet-101 + FCN head, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 75.7.

    python tools/train.py configs/dilated_resnet_r101_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/dilated_resnet_r101_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/dilated_resnet_r101_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/dilated_resnet101_cityscapes.py'

model = dict(
    decode_head=dict(
        type='FCNHead',
        num_convs=1,
        concat_input=False,
    ),
)
