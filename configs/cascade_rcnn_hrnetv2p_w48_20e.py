"""Cascade R-CNN on HRNetV2p-W48, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 44.6, AP50 62.7, AP75 48.7, APS 26.3, APM 48.1, APL 58.5.
Table XI of arXiv 1908.07919, test-dev: AP 44.8, AP50 63.1, AP75 48.6, APS 26.0, APM 47.3, APL 56.3.

    python tools/train.py configs/cascade_rcnn_hrnetv2p_w48_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_hrnetv2p_w48_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w48', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w48')
    ),
    neck=dict(arch='w48'),
)
