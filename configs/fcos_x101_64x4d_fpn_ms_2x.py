"""FCOS on ResNeXt-101-64x4d-FPN, COCO, multi-scale training, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 42.8, AP50 62.6, AP75 45.7, APS 26.5, APM 46.9, APL 54.5.

    python tools/train.py configs/fcos_x101_64x4d_fpn_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_x101_64x4d_fpn_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_fpn.py',
    '_base_/multi_scale.py',
    '_base_/resnext101_64x4d.py',
    '_base_/schedule_fcos_2x.py',
]

model = _base_.resnext101_64x4d

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
