"""HRNetV2-W48 + OCR as mmseg's published weights have it, ADE20K.

Not a row of the papers: mmseg's ocrnet_hr48 (val mIoU 43.25, with six scales and flip 44.88 at 160k
iterations) does not align corners. Names and shapes are those of the other config: nothing else tells.

    python tools/train.py configs/ocr_hrnetv2_w48_ade20k_mmseg.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_ade20k_mmseg.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/ocr_hrnetv2_w48_ade20k_mmseg.py WEIGHTS --tta    # six scales, flip
"""

_base_ = ['ocr_hrnetv2_w48_ade20k.py', '_base_/ade20k_mmseg.py']

test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = _base_.mmseg_scale
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = _base_.mmseg_sizes
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

decode_head = _base_.model.decode_head
for head in decode_head:
    head.align_corners = False

model = dict(
    backbone=dict(upsample=dict(align_corners=False)),
    decode_head=decode_head,
    test_cfg=dict(_delete_=True, mode='whole'),
)
