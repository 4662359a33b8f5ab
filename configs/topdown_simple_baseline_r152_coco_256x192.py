"""SimpleBaseline ResNet-152, COCO key points, 256x192.

Table 1 of arXiv 1902.09212, val2017: AP 72.0, AP50 89.3, AP75 79.8, APM 68.7, APL 78.9, AR 77.8.

    python tools/train.py configs/topdown_simple_baseline_r152_coco_256x192.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_simple_baseline_r152_coco_256x192.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_simple_baseline.py'

model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152'))
)
