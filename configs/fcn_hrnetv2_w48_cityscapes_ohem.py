"""HRNetV2-W48 + FCN head, Cityscapes, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 81.2.
README of HRNet-Semantic-Segmentation, test with six scales and flip: mIoU 81.1.

    python tools/train.py configs/fcn_hrnetv2_w48_cityscapes_ohem.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_cityscapes_ohem.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w48_cityscapes_ohem.py WEIGHTS --tta    # six scales, flip
"""

_base_ = ['fcn_hrnetv2_w48_cityscapes.py', '_base_/hard_pixels.py']

model = dict(decode_head=dict(loss_decode=_base_.hard_pixels))
