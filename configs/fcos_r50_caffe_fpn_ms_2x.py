"""FCOS on Caffe's ResNet-50-FPN, COCO, multi-scale training, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 38.7.

    python tools/train.py configs/fcos_r50_caffe_fpn_ms_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_r50_caffe_fpn_ms_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = [
    '_base_/fcos_caffe_fpn.py',
    '_base_/multi_scale.py',
    '_base_/schedule_fcos_2x.py',
]

model = dict(
    backbone=dict(
        depth=50, init_cfg=dict(checkpoint='open-mmlab://detectron/resnet50_caffe')
    )
)

train_dataloader = dict(dataset=dict(pipeline=_base_.multi_scale))
