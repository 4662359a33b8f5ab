"""DeepLabv3+ on dilated Xception-71, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 79.6.
Table 1 of arXiv 1904.04514, val: mIoU 79.6.

Xception-71 is that of timm. With --cfg-options model.backbone.pretrained=True it starts from timm's
ImageNet weights, which timm fetches itself.

    python tools/train.py configs/deeplabv3plus_xception71_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/deeplabv3plus_xception71_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/deeplabv3plus_xception71_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/dilated_resnet101_cityscapes.py'

sync_bn = 'torch'  # timm's layers are BatchNorm
model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    backbone=dict(
        _delete_=True,
        type='TIMMBackbone',
        model_name='xception71',
        pretrained=False,
        output_stride=8,
        out_indices=(1, 2, 3, 4),
    ),
    decode_head=dict(
        type='DepthwiseSeparableASPPHead',
        channels=256,
        dilations=(1, 12, 24, 36),
        c1_in_channels=256,
        c1_channels=48,
    ),
)
