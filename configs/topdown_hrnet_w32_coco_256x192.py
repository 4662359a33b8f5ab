"""Top-down HRNet-W32, COCO key points, 256x192.

Table 1 of arXiv 1902.09212, val2017: AP 74.4, AP50 90.5, AP75 81.9, APM 70.8, APL 81.0, AR 79.8.

    python tools/train.py configs/topdown_hrnet_w32_coco_256x192.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w32_coco_256x192.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_coco.py'

model = dict(
    backbone=dict(
        arch='w32',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w32-36af842e.pth'
        ),
    ),
    head=dict(in_channels=32),
)
