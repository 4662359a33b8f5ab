"""PSPNet on dilated ResNet-101, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 79.7.
Table 1 of arXiv 1904.04514, val: mIoU 79.7.

The auxiliary head of PSPNet's own training is left out: it is not in the table's complexity.

    python tools/train.py configs/pspnet_r101_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/pspnet_r101_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/pspnet_r101_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/dilated_resnet101_cityscapes.py'

model = dict(
    decode_head=dict(
        type='PSPHead',
        pool_scales=(1, 2, 3, 6),
    ),
)
