"""SimpleBaseline: a ResNet and three transposed convolutions, a heat map for each joint.

Trained as the official deep-high-resolution-net.pytorch trains it (experiments/coco/resnet).
That code feeds it BGR; here it is RGB, as its ImageNet weights were trained and as mmpose's
published weights take it. For weights of the official code: --cfg-options
model.data_preprocessor.bgr_to_rgb=False
"""

_base_ = 'topdown.py'

model = dict(
    backbone=dict(type='ResNet', init_cfg=dict(type='hrnet_mm.Pretrained')),
    head=dict(
        in_channels=2048,
        out_channels=17,
        deconv_out_channels=(256, 256, 256),
        deconv_kernel_sizes=(4, 4, 4),
    ),
)
