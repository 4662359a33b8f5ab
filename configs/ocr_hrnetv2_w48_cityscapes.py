"""HRNetV2-W48 + OCR, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 81.6.
Table IV of arXiv 1908.07919, test with six scales and flip after training on train and val: mIoU 82.5.

mmseg's published ocrnet_hr48 weights do not align corners: ocr_hrnetv2_w48_cityscapes_mmseg.py.

    python tools/train.py configs/ocr_hrnetv2_w48_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/ocr_hrnetv2_w48_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = ['_base_/ocr_hrnetv2.py', '_base_/cityscapes.py', '_base_/seg_runtime.py']

decode_head = _base_.model.decode_head
for head in decode_head:
    head.loss_decode.class_weight = _base_.class_weight

model = dict(decode_head=decode_head, test_cfg=_base_.test_window)
