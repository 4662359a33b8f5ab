"""HRNetV2-W48 + FCN head, ADE20K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 43.1.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 44.2.

mmseg's published fcn_hr48 weights do not align corners: fcn_hrnetv2_w48_ade20k_mmseg.py.

    python tools/train.py configs/fcn_hrnetv2_w48_ade20k.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_ade20k.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_ade20k.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/fcn_hrnetv2_aligned.py',
    '_base_/hard_pixels.py',
    '_base_/ade20k.py',
    '_base_/seg_runtime.py',
]

model = dict(
    decode_head=dict(num_classes=_base_.num_classes, loss_decode=_base_.hard_pixels),
    test_cfg=_base_.test_window,
)
