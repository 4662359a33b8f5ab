"""SimpleBaseline ResNet-101, COCO key points, 384x288.

README of deep-high-resolution-net.pytorch, val2017: AP 73.6, AP50 89.6, AP75 80.3, APM 69.9, APL 81.1, AR 79.1.

    python tools/train.py configs/topdown_simple_baseline_r101_coco_384x288.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_simple_baseline_r101_coco_384x288.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_simple_baseline_384x288.py'

model = dict(
    backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101'))
)
