"""HRNet-W76-C of bottlenecks, ImageNet.

Table XV of arXiv 1908.07919, val: top-1 error 21.5, top-5 error 5.8.
Table 14 of arXiv 1904.04514, val: top-1 error 21.5, top-5 error 5.8.

Stages 2 to 4 of bottlenecks whose streams put out W, 2W, 4W, 8W channels; stage 1 and the
head are those of the others. No source describes it further: this has the printed
parameters and operations.

    python tools/train.py configs/hrnet_w76_bottleneck_c_imagenet.py    # one GPU, or a CPU
    tools/dist_train.sh configs/hrnet_w76_bottleneck_c_imagenet.py 4    # 4 GPUs x 64 images: the batch of the papers
"""

_base_ = '_base_/hrnet_c.py'

model = dict(
    backbone=dict(arch='w76_bottleneck'),
    neck=[
        dict(type='hrnet_mm.HRFuseScales', arch='w76_bottleneck'),
        dict(type='GlobalAveragePooling'),
    ],
)
