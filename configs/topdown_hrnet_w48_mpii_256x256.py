"""Top-down HRNet-W48, MPII, 256x256.

Section 4.2 of arXiv 1902.09212, test: PCKh 92.3.

The 92.3 is of the test set, by six scales and their flips; this config evaluates val, one
scale and its flip. No figure of W48 on val is printed.

    python tools/train.py configs/topdown_hrnet_w48_mpii_256x256.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w48_mpii_256x256.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_mpii.py'

model = dict(
    backbone=dict(
        arch='w48',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w48-8ef0771d.pth'
        ),
    ),
    head=dict(in_channels=48),
)
