"""HRNet-W18-C-small-v2, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 24.9, top-5 error 7.6.

    python tools/train.py configs/hrnet_w18_small_v2_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w18_small_v2_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w18_small_v2'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w18_small_v2'),
        dict(type='GlobalAveragePooling'),
    ],
)
