"""HRNet-W45-Ci, ImageNet.

Table XVI of arXiv 1908.07919, val: top-1 error 23.6, top-5 error 7.0.

Ablation of the head: every stream is pooled, and the means are concatenated.

    python tools/train.py configs/hrnet_w45_ci_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w45_ci_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

# modules, residual unit, units and channels of each stream
arch = (
    (1, 'bottleneck', (4,), (64,)),
    (1, 'basic', (4, 4), (45, 90)),
    (4, 'basic', (4, 4, 4), (45, 90, 180)),
    (3, 'basic', (4, 4, 4, 4), (45, 90, 180, 360)),
)
model = dict(
    backbone=dict(arch=arch),
    neck=dict(_delete_=True, type='hrnet_mm.HRPoolConcat'),
    head=dict(in_channels=675),  # 45 + 90 + 180 + 360
)
