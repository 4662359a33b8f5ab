"""HRNetV2-W48 + FCN head, PASCAL-Context, 59 classes.

Table V of arXiv 1908.07919, val with six scales and flip: mIoU 54.0.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 54.1.

mmseg's published fcn_hr48 weights for this data set are of the same network and load here.

    python tools/train.py configs/fcn_hrnetv2_w48_pascal_context_59.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_pascal_context_59.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_pascal_context_59.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/fcn_hrnetv2.py',
    '_base_/pascal_context_59.py',
    '_base_/seg_runtime.py',
]

model = dict(
    decode_head=dict(num_classes=_base_.num_classes), test_cfg=_base_.test_window
)
