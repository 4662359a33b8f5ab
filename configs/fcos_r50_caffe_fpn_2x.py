"""FCOS on Caffe's ResNet-50-FPN, COCO, 2x.

Table IX of arXiv 1908.07919, val2017: AP 37.1, AP50 55.9, AP75 39.8, APS 21.3, APM 41.0, APL 47.8.
Table XXV of arXiv 1908.07919, val2017: AP 36.9.
Table XI of arXiv 1908.07919, test-dev: AP 37.3, AP50 56.4, AP75 39.7, APS 20.4, APM 39.6, APL 47.5.

    python tools/train.py configs/fcos_r50_caffe_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_r50_caffe_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_caffe_fpn.py', '_base_/schedule_fcos_2x.py']

model = dict(
    backbone=dict(
        depth=50, init_cfg=dict(checkpoint='open-mmlab://detectron/resnet50_caffe')
    )
)
