"""HRNetV2-W48 + OCR, PASCAL-Context, 60 classes.

Table V of arXiv 1908.07919, val with six scales and flip: mIoU 50.1.

Crops and learning rates are not those of the config without OCR, as in the official code.

    python tools/train.py configs/ocr_hrnetv2_w48_pascal_context_60.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_pascal_context_60.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/ocr_hrnetv2_w48_pascal_context_60.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/ocr_hrnetv2_pascal_context.py',
    '_base_/pascal_context_60.py',
    '_base_/seg_runtime.py',
]

decode_head = _base_.model.decode_head
for head in decode_head:
    head.num_classes = _base_.num_classes
crop_size = _base_.model.test_cfg.crop_size
train_pipeline = _base_.train_pipeline
train_pipeline[4].size = train_pipeline[5].crop_size = crop_size

model = dict(decode_head=decode_head)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
optim_wrapper = _base_.ocr_optim_wrapper
