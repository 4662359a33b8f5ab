"""HRNet-W32-C, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 21.5, top-5 error 5.8.

    python tools/train.py configs/hrnet_w32_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w32_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w32_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w32_3rdparty_8xb32_in1k_20220120-c394f1ab.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w32'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w32'),
        dict(type='GlobalAveragePooling'),
    ],
)
