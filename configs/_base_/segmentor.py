"""A segmentation network on whole images; a config adds backbone and head."""

_base_ = 'rgb.py'

model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        bgr_to_rgb=True,
        size_divisor=1,  # the crops have one size already
        pad_val=0,
        seg_pad_val=255,
    ),
    test_cfg=dict(mode='whole'),
)
