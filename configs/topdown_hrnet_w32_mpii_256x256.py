"""Top-down HRNet-W32, MPII, 256x256.

Table 3 of arXiv 1902.09212, test: PCKh 92.3.
README of deep-high-resolution-net.pytorch, val: PCKh 90.3, PCKh@0.1 37.7.

The 92.3 is of the test set, by six scales and their flips; this config evaluates val, one
scale and its flip.

    python tools/train.py configs/topdown_hrnet_w32_mpii_256x256.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w32_mpii_256x256.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_mpii.py'

model = dict(
    backbone=dict(
        arch='w32',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w32-36af842e.pth'
        ),
    ),
    head=dict(in_channels=32),
)
