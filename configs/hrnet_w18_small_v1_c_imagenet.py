"""HRNet-W18-C-small-v1, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 27.7, top-5 error 9.3.

Its name says 18, it has 16 channels.

    python tools/train.py configs/hrnet_w18_small_v1_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w18_small_v1_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w18_small_v1'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w18_small_v1'),
        dict(type='GlobalAveragePooling'),
    ],
)
