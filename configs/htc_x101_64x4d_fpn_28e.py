"""Hybrid Task Cascade (HTC) on ResNeXt-101-64x4d-FPN, COCO, 28e.

Table X of arXiv 1908.07919, val2017: mask AP 40.7, mask APS 20.0, mask APM 44.1, mask APL 59.9, box AP 46.8, box APS 27.5, box APM 51.0, box APL 61.7.
Table XI of arXiv 1908.07919, test-dev: box AP 47.2, box AP50 66.6, box AP75 51.3, box APS 27.5, box APM 50.1, box APL 60.6.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_x101_64x4d_fpn_28e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_x101_64x4d_fpn_28e.py 16          # as mmdet trained it: 16 GPUs x 1 image
"""

_base_ = ['_base_/htc_fpn.py', '_base_/resnext101_64x4d.py', '_base_/schedule_28e.py']

model = _base_.resnext101_64x4d

# It fits the memory of a GPU once: 16 GPUs make the batch of 16.
train_dataloader = dict(batch_size=1)
