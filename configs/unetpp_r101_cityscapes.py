"""UNet++ on ResNet-101, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 75.5.
Table 1 of arXiv 1904.04514, val: mIoU 75.5.

Encoder and decoder are those of segmentation_models_pytorch, with its widths. The papers do not say
theirs, which make a smaller network: 59.5M parameters, 748.5 G; this one has 68.0M, 1861 G.

    python tools/train.py configs/unetpp_r101_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/unetpp_r101_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/unetpp_r101_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/dilated_resnet101_cityscapes.py'

sync_bn = 'torch'  # the library's layers are BatchNorm
model = dict(
    backbone=dict(
        _delete_=True,
        type='hrnet_mm.UNetPlusPlus',
        encoder_name='resnet101',
        decoder_channels=(256, 128, 64, 32, 16),
        init_cfg=dict(type='hrnet_mm.Pretrained', checkpoint='torchvision://resnet101'),
    ),
    decode_head=dict(
        type='FCNHead',
        in_channels=16,
        in_index=0,
        channels=16,
        num_convs=0,  # the decoder is the head: a 1x1 classifier is left
        concat_input=False,
        dropout_ratio=0,
    ),
)
