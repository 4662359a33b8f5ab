"""FCOS on ResNet-FPN, levels P3 to P7: a config adds depth, weights and schedule."""

_base_ = ['fcos.py', 'resnet_fpn.py', 'coco_detection.py', 'det_runtime.py']

model = _base_.resnet_fpn
model.neck.update(
    start_level=1,  # without the level at stride 4
    add_extra_convs='on_output',
    relu_before_extra_convs=True,
)
