"""FCOS on Caffe's ResNet-101-FPN, COCO, multi-scale training, 2x.

Table IX of arXiv 1908.07919, val2017: AP 41.4, AP50 60.3, AP75 44.8, APS 25.0, APM 45.6, APL 53.1.
Table XXV of arXiv 1908.07919, val2017: AP 40.8.

Table IX does not say that it trained R101 on several scales; the README of HRNet-FCOS does.

    python tools/train.py configs/fcos_r101_caffe_fpn_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_r101_caffe_fpn_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_caffe_fpn.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        depth=101, init_cfg=dict(checkpoint='open-mmlab://detectron/resnet101_caffe')
    )
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
