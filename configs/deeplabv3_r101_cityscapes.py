"""DeepLabv3 on dilated ResNet-101, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 78.5.
Table 1 of arXiv 1904.04514, val: mIoU 78.5.

mmseg's head joins its five maps by a 3x3 convolution; in the method's paper, and by the count of
parameters in the table, it is 1x1.

    python tools/train.py configs/deeplabv3_r101_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/deeplabv3_r101_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/deeplabv3_r101_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/dilated_resnet101_cityscapes.py'

model = dict(
    decode_head=dict(
        type='ASPPHead',
        channels=256,
        dilations=(1, 12, 24, 36),
    ),
)
