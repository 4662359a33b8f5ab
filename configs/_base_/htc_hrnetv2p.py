"""HTC on HRNetV2p: a config adds arch, weights and schedule."""

_base_ = ['htc.py', 'hrnetv2p.py', 'coco_instance_semantic.py', 'det_runtime.py']

model = _base_.hrnetv2p
