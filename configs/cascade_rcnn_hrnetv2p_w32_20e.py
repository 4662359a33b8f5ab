"""Cascade R-CNN on HRNetV2p-W32, COCO, 20e.

Table VIII of arXiv 1908.07919, val2017: AP 43.7, AP50 61.7, AP75 47.7, APS 25.6, APM 46.5, APL 57.4.
Table XI of arXiv 1908.07919, test-dev: AP 43.7, AP50 62.0, AP75 47.4, APS 25.5, APM 46.0, APL 55.3.

    python tools/train.py configs/cascade_rcnn_hrnetv2p_w32_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_rcnn_hrnetv2p_w32_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w32', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w32')
    ),
    neck=dict(arch='w32'),
)
