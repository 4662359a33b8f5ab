"""HRNetV2-W48 with an FCN head on Cityscapes; a config may set another arch."""

_base_ = ['fcn_hrnetv2.py', 'cityscapes.py', 'seg_runtime.py']

model = dict(
    decode_head=dict(loss_decode=dict(class_weight=_base_.class_weight)),
    test_cfg=_base_.test_window,
)
