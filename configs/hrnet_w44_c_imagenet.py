"""HRNet-W44-C, ImageNet.

README of HRNet-Image-Classification, val: top-1 error 21.1, top-5 error 5.6.

Of two 3x3. The papers' W44-C has bottlenecks: hrnet_w44_bottleneck_c_imagenet.py.

    python tools/train.py configs/hrnet_w44_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w44_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
    python tools/test.py configs/hrnet_w44_c_imagenet.py https://download.openmmlab.com/mmclassification/v0/hrnet/hrnet-w44_3rdparty_8xb32_in1k_20220120-35d07f73.pth
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w44'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w44'),
        dict(type='GlobalAveragePooling'),
    ],
)
