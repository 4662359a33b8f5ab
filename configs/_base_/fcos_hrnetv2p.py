"""FCOS on HRNetV2p, levels at strides 8 to 128: a config adds arch, weights, schedule."""

_base_ = ['fcos.py', 'hrnetv2p.py', 'coco_detection.py', 'det_runtime.py']

model = _base_.hrnetv2p
model.neck.stride = 2
