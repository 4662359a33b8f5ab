"""HRNet-W64-C, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 20.5, top-5 error 5.4.

    python tools/train.py configs/hrnet_w64_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w64_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w64_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w64_3rdparty_8xb32_in1k_20220120-19126642.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w64'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w64'),
        dict(type='GlobalAveragePooling'),
    ],
)
