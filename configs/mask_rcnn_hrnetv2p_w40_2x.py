"""Mask R-CNN on HRNetV2p-W40, COCO, 2x.

Not a row of the papers: mmdet publishes weights of this width.
Metafile of mmdet 3.3.0, val2017: mask AP 38.2, box AP 42.8.

mmdet's weights were trained with its own 2x schedule: see `_base_/schedule_2x_mmdet.py`.

    python tools/train.py configs/mask_rcnn_hrnetv2p_w40_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/mask_rcnn_hrnetv2p_w40_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/mask_rcnn_hrnetv2p.py', '_base_/schedule_2x.py']

model = dict(
    backbone=dict(
        arch='w40', init_cfg=dict(checkpoint='open-mmlab://msra/hrnetv2_w40')
    ),
    neck=dict(arch='w40'),
)
