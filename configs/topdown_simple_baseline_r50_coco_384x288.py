"""SimpleBaseline ResNet-50, COCO key points, 384x288.

README of deep-high-resolution-net.pytorch, val2017: AP 72.2, AP50 89.3, AP75 78.9, APM 68.1, APL 79.7, AR 77.6.

    python tools/train.py configs/topdown_simple_baseline_r50_coco_384x288.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_simple_baseline_r50_coco_384x288.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_simple_baseline_384x288.py'

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
