"""HRNetV2-W48 + FCN head, COCO-Stuff 10K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 36.2.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 37.9.

    python tools/train.py configs/fcn_hrnetv2_w48_coco_stuff.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_coco_stuff.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_coco_stuff.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = ['_base_/fcn_hrnetv2.py', '_base_/coco_stuff.py', '_base_/seg_runtime.py']

# Branch HRNet-OCR: PyTorch's momentum, corners aligned wherever maps are enlarged.
norm_cfg = dict(momentum=0.1)
model = dict(
    backbone=dict(norm_cfg=norm_cfg, upsample=dict(align_corners=True)),
    decode_head=dict(
        num_classes=_base_.num_classes,
        norm_cfg=norm_cfg,
        align_corners=True,
        # At least 131,072 of the 4 x 520 x 520 = 1,081,600 pixels of a GPU's batch: 12 %.
        loss_decode=dict(
            type='hrnet_mm.HardPixelCrossEntropy', threshold=0.9, min_kept=131072
        ),
    ),
    test_cfg=_base_.test_window,
)
