"""HRNetV2-W48 + FCN head, COCO-Stuff 10K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 36.2.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 37.9.

    python tools/train.py configs/fcn_hrnetv2_w48_coco_stuff.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_coco_stuff.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_coco_stuff.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/fcn_hrnetv2_aligned.py',
    '_base_/hard_pixels.py',
    '_base_/coco_stuff.py',
    '_base_/seg_runtime.py',
]

model = dict(
    decode_head=dict(num_classes=_base_.num_classes, loss_decode=_base_.hard_pixels),
    test_cfg=_base_.test_window,
)
