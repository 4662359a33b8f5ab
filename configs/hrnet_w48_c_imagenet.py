"""HRNet-W48-C, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 20.7, top-5 error 5.5.

    python tools/train.py configs/hrnet_w48_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w48_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w48_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w48_3rdparty_8xb32_in1k_20220120-e555ef50.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w48'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w48'),
        dict(type='GlobalAveragePooling'),
    ],
)
