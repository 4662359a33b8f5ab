"""HRNetV2-W48 + FCN head as mmseg's published weights have it, ADE20K.

Not a row of the papers: mmseg's fcn_hr48 (val mIoU 42.02, with six scales and flip 43.86 at 160k
iterations) does not align corners. Names and shapes are those of the other config: nothing else tells.

    python tools/train.py configs/fcn_hrnetv2_w48_ade20k_mmseg.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_ade20k_mmseg.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/fcn_hrnetv2_w48_ade20k_mmseg.py WEIGHTS --tta    # six scales, flip
"""

_base_ = ['fcn_hrnetv2_w48_ade20k.py', '_base_/ade20k_mmseg.py']

test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = _base_.mmseg_scale
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = _base_.mmseg_sizes
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

model = dict(
    backbone=dict(upsample=dict(align_corners=False)),
    decode_head=dict(align_corners=False),
    test_cfg=dict(_delete_=True, mode='whole'),
)
