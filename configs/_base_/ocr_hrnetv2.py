"""HRNetV2-W48 with object-contextual representations; a config adds data and schedule.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR (lib/models/seg_hrnet_ocr.py): an
auxiliary head on the concatenated streams gives soft object regions, pixels attend to
them. Corners are aligned wherever maps are enlarged, in the backbone too; BatchNorm has
PyTorch's momentum. Official convolutions before BatchNorm have biases, which change
nothing and which mmseg's lack.
"""

_base_ = 'fcn_hrnetv2_aligned.py'

# The auxiliary head is that of HRNetV2 alone, initialized as mmseg does.
regions = _base_.model.decode_head
regions.pop('init_cfg')
regions.loss_decode.loss_weight = 0.4
streams = {
    key: regions[key]
    for key in (
        'in_channels',
        'in_index',
        'input_transform',
        'num_classes',
        'norm_cfg',
        'align_corners',
    )
}

model = dict(
    type='CascadeEncoderDecoder',
    num_stages=2,
    decode_head=[
        regions,
        dict(
            type='OCRHead',
            channels=512,
            ocr_channels=256,
            dropout_ratio=0.05,
            loss_decode=dict(type='hrnet_mm.PixelCrossEntropy', loss_weight=1.0),
            **streams,
        ),
    ],
)
