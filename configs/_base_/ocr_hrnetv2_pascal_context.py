"""OCR on PASCAL-Context: crops of 520 x 520 and learning rates of its own.

They are not those of the config without OCR, as in the official code. A config adds the data
and sets `optim_wrapper = _base_.ocr_optim_wrapper`.
"""

_base_ = 'ocr_hrnetv2.py'

model = dict(test_cfg=dict(mode='slide', crop_size=(520, 520), stride=(346, 346)))
ocr_optim_wrapper = dict(
    optimizer=dict(lr=0.001),
    # 0.001 for the backbone, 0.01 for the heads
    paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=10))),
)
