"""Top-down HRNet-W32 without pre-training, COCO key points, 256x192.

Table 1 of arXiv 1902.09212, val2017: AP 73.4, AP50 89.5, AP75 80.7, APM 70.2, APL 80.1, AR 78.9.

    python tools/train.py configs/topdown_hrnet_w32_coco_256x192_scratch.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w32_coco_256x192_scratch.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_coco.py'

model = dict(
    backbone=dict(
        arch='w32',
        # The official initialization of what is not pre-trained.
        init_cfg=[
            dict(type='Normal', layer='Conv2d', std=0.001),
            dict(type='Constant', layer='_BatchNorm', val=1),
        ],
    ),
    head=dict(in_channels=32),
)
