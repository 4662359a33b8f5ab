"""HRNetV2-W48 + FCN head, ADE20K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 43.1.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 44.2.

mmseg's published fcn_hr48 weights do not align corners: fcn_hrnetv2_w48_ade20k_mmseg.py.

    python tools/train.py configs/fcn_hrnetv2_w48_ade20k.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_ade20k.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_ade20k.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = ['_base_/fcn_hrnetv2.py', '_base_/ade20k.py', '_base_/seg_runtime.py']

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
