"""A mask head of four convolutions, for Faster R-CNN and for each stage of a cascade.

A config sets `model = dict(_base_.masks, train_cfg=...)`, with a mask_size of 28 in it.
"""

masks = dict(
    data_preprocessor=dict(pad_mask=True),
    roi_head=dict(
        mask_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=14, sampling_ratio=2),
            out_channels=256,
            featmap_strides=[4, 8, 16, 32],
        ),
        mask_head=dict(
            type='FCNMaskHead',
            num_convs=4,
            in_channels=256,
            conv_out_channels=256,
            num_classes=80,
            loss_mask=dict(type='CrossEntropyLoss', use_mask=True, loss_weight=1.0),
        ),
    ),
    test_cfg=dict(rcnn=dict(mask_thr_binary=0.5)),
)
