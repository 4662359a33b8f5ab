"""HRNet-W30-C, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 21.9, top-5 error 5.9.
Table 14 of arXiv 1904.04514, val: top-1 error 21.9, top-5 error 5.9.
README of HRNet-Image-Classification, val: top-1 error 21.8, top-5 error 5.8.

    python tools/train.py configs/hrnet_w30_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w30_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w30_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w30_3rdparty_8xb32_in1k_20220120-8aa3832f.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w30'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w30'),
        dict(type='GlobalAveragePooling'),
    ],
)
