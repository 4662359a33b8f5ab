"""Cascade Mask R-CNN on HRNetV2p-W40, COCO, 20e.

Not a row of the papers: mmdet publishes weights of this width.
Metafile of mmdet 3.3.0, val2017: mask AP 39.3, box AP 45.1.

    python tools/train.py configs/cascade_mask_rcnn_hrnetv2p_w40_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/cascade_mask_rcnn_hrnetv2p_w40_20e.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/cascade_mask_rcnn_hrnetv2p.py', '_base_/schedule_20e.py']

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)
