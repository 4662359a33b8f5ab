"""Mask R-CNN: Faster R-CNN and a mask head; a config adds backbone and neck.

As in the official HRNet-Object-Detection (configs/hrnet/mask_rcnn_hrnetv2p_w18_1x.py).
"""

_base_ = ['faster_rcnn.py', 'masks.py']

model = dict(
    _base_.masks,
    type='MaskRCNN',
    train_cfg=dict(rcnn=dict(mask_size=28)),
)
