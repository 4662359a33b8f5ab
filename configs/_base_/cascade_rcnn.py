"""Cascade R-CNN: three box heads in a row; a config adds backbone and neck.

Each stage starts from the boxes of the one before, asks for a larger overlap and
regresses on a finer scale. As in the official HRNet-Object-Detection
(configs/hrnet/cascade_rcnn_hrnetv2p_w32.py); RPN, RoIAlign and test settings are those of
Faster R-CNN.
"""

_base_ = 'faster_rcnn.py'

overlaps = [0.5, 0.6, 0.7]
target_stds = [
    [0.1, 0.1, 0.2, 0.2],
    [0.05, 0.05, 0.1, 0.1],
    [0.033, 0.033, 0.067, 0.067],
]

model = dict(
    type='CascadeRCNN',
    roi_head=dict(
        type='CascadeRoIHead',
        num_stages=3,
        stage_loss_weights=[1, 0.5, 0.25],
        bbox_head=[
            dict(
                _base_.model.roi_head.bbox_head,
                bbox_coder=dict(
                    _base_.model.roi_head.bbox_head.bbox_coder, target_stds=stds
                ),
                # One box for all classes: the next stage knows no class either.
                reg_class_agnostic=True,
            )
            for stds in target_stds
        ],
    ),
    train_cfg=dict(
        rcnn=[
            dict(
                _base_.model.train_cfg.rcnn,
                assigner=dict(
                    _base_.model.train_cfg.rcnn.assigner,
                    pos_iou_thr=overlap,
                    neg_iou_thr=overlap,
                    min_pos_iou=overlap,
                ),
            )
            for overlap in overlaps
        ],
    ),
)
