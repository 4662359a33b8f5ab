"""Cascade Mask R-CNN: Cascade R-CNN with a mask head in each stage.

A config adds backbone and neck.
"""

_base_ = ['cascade_rcnn.py', 'masks.py']

model = dict(
    _base_.masks,
    train_cfg=dict(
        rcnn=[dict(**stage, mask_size=28) for stage in _base_.model.train_cfg.rcnn],
    ),
)
