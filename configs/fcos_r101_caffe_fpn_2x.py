"""FCOS on Caffe's ResNet-101-FPN, COCO, 2x.

Table XXV of arXiv 1908.07919, val2017: AP 39.1.
Table XI of arXiv 1908.07919, test-dev: AP 39.2, AP50 58.8, AP75 41.6, APS 21.8, APM 41.7, APL 50.0.

Table IX prints 41.4 for R101 2x: that was trained on several scales, see fcos_r101_caffe_fpn_ms_2x.py.

    python tools/train.py configs/fcos_r101_caffe_fpn_2x.py          # one GPU, or a CPU
    tools/dist_train.sh configs/fcos_r101_caffe_fpn_2x.py 8          # as in the paper: 8 GPUs x 2 images
"""

_base_ = ['_base_/fcos_caffe_fpn.py', '_base_/schedule_fcos_2x.py']

model = dict(
    backbone=dict(
        depth=101, init_cfg=dict(checkpoint='open-mmlab://detectron/resnet101_caffe')
    )
)
