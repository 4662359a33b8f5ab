"""HRNetV2-W48 + OCR as mmseg's published weights have it, Cityscapes.

Not a row of the papers: mmseg's ocrnet_hr48 (val mIoU 81.35, with six scales and flip 82.70 at 160k
iterations) does not align corners. Names and shapes are those of the other config: nothing else tells.

    python tools/train.py configs/ocr_hrnetv2_w48_cityscapes_mmseg.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_cityscapes_mmseg.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/ocr_hrnetv2_w48_cityscapes_mmseg.py WEIGHTS --tta    # six scales, flip
"""

_base_ = 'ocr_hrnetv2_w48_cityscapes.py'

decode_head = _base_.model.decode_head
for head in decode_head:
    head.align_corners = False

model = dict(
    backbone=dict(upsample=dict(align_corners=False)),
    decode_head=decode_head,
    test_cfg=dict(_delete_=True, mode='whole'),
)
