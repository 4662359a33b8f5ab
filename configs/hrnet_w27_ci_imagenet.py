"""HRNet-W27-Ci, ImageNet.

Table XVI of arXiv 1908.07919, val: top-1 error 26.0, top-5 error 7.7.

Ablation of the head: every stream is pooled, and the means are concatenated.

    python tools/train.py configs/hrnet_w27_ci_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w27_ci_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

# modules, residual unit, units and channels of each stream
arch = (
    (1, 'bottleneck', (4,), (64,)),
    (1, 'basic', (4, 4), (27, 54)),
    (4, 'basic', (4, 4, 4), (27, 54, 108)),
    (3, 'basic', (4, 4, 4, 4), (27, 54, 108, 216)),
)
model = dict(
    backbone=dict(arch=arch),
    neck=dict(_delete_=True, type='hrnet_mm.HRPoolConcat'),
    head=dict(in_channels=405),  # 27 + 54 + 108 + 216
)
