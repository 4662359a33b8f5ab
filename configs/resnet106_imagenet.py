"""ResNet-106 with HRNet's stem, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 22.7, top-5 error 6.4.
Table 14 of arXiv 1904.04514, val: top-1 error 22.7, top-5 error 6.4.

HRNet's stem, bottlenecks in stage 1, units of two 3x3 in stages 2 to 4, a bottleneck to 2048
channels at the end. The paper does not speak of stage 1: this has the printed parameters and
operations.

    python tools/train.py configs/resnet106_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/resnet106_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/resnet_imagenet.py'

model = dict(backbone=dict(depth=106))
