"""Top-down HRNet-W48, COCO key points, 384x288.

Table 1 of arXiv 1902.09212, val2017: AP 76.3, AP50 90.8, AP75 82.9, APM 72.3, APL 83.4, AR 81.2.
Table 2 of arXiv 1902.09212, test-dev2017: AP 75.5, AP50 92.5, AP75 83.3, APM 71.9, APL 81.5, AR 80.5.

    python tools/train.py configs/topdown_hrnet_w48_coco_384x288.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hrnet_w48_coco_384x288.py 4     # as in the paper: 4 GPUs x 24 images
"""

_base_ = '_base_/topdown_hrnet_coco_384x288.py'

model = dict(
    backbone=dict(
        arch='w48',
        init_cfg=dict(
            checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w48-8ef0771d.pth'
        ),
    ),
    head=dict(in_channels=48),
)

# 4 GPUs x 24: what fits, at the learning rate of the others.
train_dataloader = dict(batch_size=24)
val_dataloader = dict(batch_size=24)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=96)
