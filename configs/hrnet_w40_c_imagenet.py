"""HRNet-W40-C, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 21.1, top-5 error 5.6.
Table 14 of arXiv 1904.04514, val: top-1 error 21.1, top-5 error 5.6.
README of HRNet-Image-Classification, val: top-1 error 21.1, top-5 error 5.5.

    python tools/train.py configs/hrnet_w40_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w40_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w40_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w40_3rdparty_8xb32_in1k_20220120-9a2dbfc5.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w40'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w40'),
        dict(type='GlobalAveragePooling'),
    ],
)
