"""HRNetV2-W48 + OCR, LIP.

Table VI of arXiv 1908.07919, val with flip: aAcc 88.24, mAcc 67.84, mIoU 56.48.

    python tools/train.py configs/ocr_hrnetv2_w48_lip.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_lip.py 4                 # as in the paper: 4 GPUs x 10 images
    python tools/test.py configs/ocr_hrnetv2_w48_lip.py WEIGHTS --tta    # flip
"""

_base_ = ['_base_/ocr_hrnetv2.py', '_base_/lip.py', '_base_/seg_runtime.py']

decode_head = _base_.model.decode_head
for head in decode_head:
    head.num_classes = _base_.num_classes

model = dict(decode_head=decode_head)
