"""Top-down HRNet-W32, COCO key points, 384x288.

Table 1 of arXiv 1902.09212, val2017: AP 75.8, AP50 90.6, AP75 82.7, APM 71.9, APL 82.8, AR 81.0.
Table 2 of arXiv 1902.09212, test-dev2017: AP 74.9, AP50 92.5, AP75 82.8, APM 71.3, APL 80.9, AR 80.1.

    python tools/train.py configs/topdown_hrnet_w32_coco_384x288.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w32_coco_384x288.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_coco_384x288.py'

model = dict(
    backbone=dict(
        arch='w32',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w32-36af842e.pth'
        ),
    ),
    head=dict(in_channels=32),
)
