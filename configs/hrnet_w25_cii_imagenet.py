"""HRNet-W25-Cii, ImageNet.

Table XVI of arXiv 1908.07919, val: top-1 error 24.1, top-5 error 7.1.

Ablation of the head: bottlenecks of stride 2 bring every stream to the lowest resolution and
512 channels. Their number and channels are printed nowhere: these have the printed parameters
and operations.

    python tools/train.py configs/hrnet_w25_cii_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w25_cii_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

# modules, residual unit, units and channels of each stream
arch = (
    (1, 'bottleneck', (4,), (64,)),
    (1, 'basic', (4, 4), (25, 50)),
    (4, 'basic', (4, 4, 4), (25, 50, 100)),
    (3, 'basic', (4, 4, 4, 4), (25, 50, 100, 200)),
)
model = dict(
    backbone=dict(arch=arch),
    neck=[
        dict(type='hrnet_mm.HRReduceConcat', arch=arch),
        dict(type='GlobalAveragePooling'),
    ],
)
