"""HRNetV2-W48 + FCN head, LIP.

Table VI of arXiv 1908.07919, val with flip: aAcc 88.21, mAcc 67.43, mIoU 55.90.
README of HRNet-Semantic-Segmentation, val with flip: mIoU 56.04.

    python tools/train.py configs/fcn_hrnetv2_w48_lip.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_lip.py 4                 # as in the paper: 4 GPUs x 10 images
    python tools/test.py configs/fcn_hrnetv2_w48_lip.py WEIGHTS --tta    # flip
"""

_base_ = ['_base_/fcn_hrnetv2.py', '_base_/lip.py', '_base_/seg_runtime.py']

model = dict(decode_head=dict(num_classes=_base_.num_classes))
