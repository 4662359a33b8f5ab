"""SimpleBaseline ResNet-50, COCO key points, 256x192.

Table 1 of arXiv 1902.09212, val2017: AP 70.4, AP50 88.6, AP75 78.3, APM 67.1, APL 77.2, AR 76.3.

    python tools/train.py configs/topdown_simple_baseline_r50_coco_256x192.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_simple_baseline_r50_coco_256x192.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_simple_baseline.py'

model = dict(
    backbone=dict(depth=50, init_cfg=dict(checkpoint='torchvision://resnet50'))
)
