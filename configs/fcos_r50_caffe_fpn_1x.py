"""FCOS on Caffe's ResNet-50-FPN, COCO, 1x.

Table XXV of arXiv 1908.07919, val2017: AP 36.7.

    python tools/train.py configs/fcos_r50_caffe_fpn_1x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_r50_caffe_fpn_1x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_caffe_fpn.py', '_base_/schedule_fcos_1x.py']

model = dict(
    backbone=dict(
        depth=50, init_cfg=dict(checkpoint='open-mmlab://detectron/resnet50_caffe')
    )
)
