"""ResNet-101 with HRNet's stem, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 21.6, top-5 error 5.8.
Table 14 of arXiv 1904.04514, val: top-1 error 21.6, top-5 error 5.8.

HRNet's stem, two 3x3 of stride 2, before the stages of the usual ResNet-101.

    python tools/train.py configs/resnet101_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/resnet101_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/resnet_imagenet.py'

model = dict(backbone=dict(depth=101))
