"""HRNetV2 with a fully convolutional head, corners aligned wherever maps are enlarged.

As in branch HRNet-OCR of the official HRNet-Semantic-Segmentation, where ADE20K and
COCO-Stuff are; its BatchNorm has PyTorch's momentum.
"""

_base_ = 'fcn_hrnetv2.py'

norm_cfg = dict(momentum=0.1)
model = dict(
    backbone=dict(norm_cfg=norm_cfg, upsample=dict(align_corners=True)),
    decode_head=dict(norm_cfg=norm_cfg, align_corners=True),
)
