"""HRNet-W18-C, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 23.1, top-5 error 6.5.
Table 14 of arXiv 1904.04514, val: top-1 error 23.1, top-5 error 6.5.
README of HRNet-Image-Classification, val: top-1 error 23.2, top-5 error 6.6.

    python tools/train.py configs/hrnet_w18_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w18_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w18_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w18_3rdparty_8xb32_in1k_20220120-0c10b180.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w18'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w18'),
        dict(type='GlobalAveragePooling'),
    ],
)
