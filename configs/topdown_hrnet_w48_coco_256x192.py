"""Top-down HRNet-W48, COCO key points, 256x192.

Table 1 of arXiv 1902.09212, val2017: AP 75.1, AP50 90.6, AP75 82.2, APM 71.5, APL 81.8, AR 80.4.

    python tools/train.py configs/topdown_hrnet_w48_coco_256x192.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w48_coco_256x192.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_coco.py'

model = dict(
    backbone=dict(
        arch='w48',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w48-8ef0771d.pth'
        ),
    ),
    head=dict(in_channels=48),
)
