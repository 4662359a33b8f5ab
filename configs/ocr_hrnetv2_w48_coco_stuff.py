"""HRNetV2-W48 + OCR, COCO-Stuff 10K, online hard example mining.

README of HRNet-Semantic-Segmentation, val: mIoU 39.7.
README of HRNet-Semantic-Segmentation, val with seven scales and flip: mIoU 40.6.

    python tools/train.py configs/ocr_hrnetv2_w48_coco_stuff.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/ocr_hrnetv2_w48_coco_stuff.py 4                 # as in the paper: 4 GPUs x 4 images
    python tools/test.py configs/ocr_hrnetv2_w48_coco_stuff.py WEIGHTS --tta    # seven scales, flip
"""

_base_ = [
    '_base_/ocr_hrnetv2.py',
    '_base_/hard_pixels.py',
    '_base_/coco_stuff.py',
    '_base_/seg_runtime.py',
]

decode_head = _base_.model.decode_head
for head in decode_head:
    head.num_classes = _base_.num_classes
decode_head[1].loss_decode = _base_.hard_pixels

model = dict(decode_head=decode_head, test_cfg=_base_.test_window)
