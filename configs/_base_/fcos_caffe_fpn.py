"""FCOS on Caffe's ResNet-FPN: BGR images, stride 2 in the 1x1 convolution, frozen norms.

Both code bases of the papers trained FCOS on ResNet from the weights that came with ResNet
itself. A config adds depth, weights and schedule.
"""

_base_ = 'fcos_fpn.py'

model = dict(
    data_preprocessor=dict(
        mean=[102.9801, 115.9465, 122.7717], std=[1.0, 1.0, 1.0], bgr_to_rgb=False
    ),
    backbone=dict(norm_cfg=dict(requires_grad=False), style='caffe'),
)
