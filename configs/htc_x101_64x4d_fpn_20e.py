"""Hybrid Task Cascade (HTC) on ResNeXt-101-64x4d-FPN, COCO, 20e.

Table X of arXiv 1908.07919, val2017: mask AP 40.8, mask APS 22.7, mask APM 44.2, mask APL 56.3, box AP 46.9, box APS 28.0, box APM 50.7, box APL 62.1.
Table XI of arXiv 1908.07919, test-dev: box AP 47.2, box AP50 66.5, box AP75 51.4, box APS 27.7, box APM 50.1, box APL 60.3.

Needs the label maps of COCO-Stuff: see `_base_/coco_instance_semantic.py`.

    python tools/train.py configs/htc_x101_64x4d_fpn_20e.py          # one GPU, or a CPU
    tools/dist_train.sh configs/htc_x101_64x4d_fpn_20e.py 16          # as mmdet trained it: 16 GPUs x 1 image
"""

_base_ = ['_base_/htc_fpn.py', '_base_/resnext101_64x4d.py', '_base_/schedule_20e.py']

model = _base_.resnext101_64x4d

# It fits the memory of a GPU once: 16 GPUs make the batch of 16.
train_dataloader = dict(batch_size=1)
