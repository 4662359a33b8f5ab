"""HRNetV2-W48 + OCR, ADE20K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 44.5.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 45.5.

mmseg's published ocrnet_hr48 weights do not align corners: ocr_hrnetv2_w48_ade20k_mmseg.py.

    python tools/train.py configs/ocr_hrnetv2_w48_ade20k.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_ade20k.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/ocr_hrnetv2_w48_ade20k.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/ocr_hrnetv2.py',
    '_base_/hard_pixels.py',
    '_base_/ade20k.py',
    '_base_/seg_runtime.py',
]

decode_head = _base_.model.decode_head
for head in decode_head:
    head.num_classes = _base_.num_classes
decode_head[1].loss_decode = _base_.hard_pixels

model = dict(decode_head=decode_head, test_cfg=_base_.test_window)

train_pipeline = _base_.train_pipeline
# 17 sizes of the long side, five more than without OCR: 260, 312, ..., 1092
train_pipeline[3].scales = [(int(52 * tenths + 0.5),) * 2 for tenths in range(5, 22)]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
