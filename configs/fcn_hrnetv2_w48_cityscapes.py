"""HRNetV2-W48 + FCN head, Cityscapes.

Table III of arXiv 1908.07919, val: mIoU 81.1.
Table 1 of arXiv 1904.04514, val: mIoU 81.1.
Table IV of arXiv 1908.07919, test with six scales and flip: mIoU 80.4.

mmseg's published fcn_hr48 weights (val mIoU 80.65 at 160k iterations) are of the same network and
load here; they were trained in batches of 8, without class weights, with photometric distortion.

    python tools/train.py configs/fcn_hrnetv2_w48_cityscapes.py                 # one GPU, or a CPU
    tools/dist_train.sh configs/fcn_hrnetv2_w48_cityscapes.py 4                 # as in the paper: 4 GPUs x 3 images
    python tools/test.py configs/fcn_hrnetv2_w48_cityscapes.py WEIGHTS --tta    # six scales, flip
"""

_base_ = '_base_/fcn_hrnetv2_cityscapes.py'
