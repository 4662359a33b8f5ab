"""SimpleBaseline ResNet-152, COCO key points, 384x288.

Table 1 of arXiv 1902.09212, val2017: AP 74.3, AP50 89.6, AP75 81.1, APM 70.5, APL 79.7, AR 79.7.
Table 2 of arXiv 1902.09212, test-dev2017: AP 73.7, AP50 91.9, AP75 81.1, APM 70.3, APL 80.0, AR 79.0.

    python tools/train.py configs/topdown_simple_baseline_r152_coco_384x288.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_simple_baseline_r152_coco_384x288.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_simple_baseline_384x288.py'

model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152'))
)
