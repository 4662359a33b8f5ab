"""An image classifier of 1000 classes on 2048 channels: a config adds the backbone."""

_base_ = 'rgb.py'

model = dict(
    type='ImageClassifier',
    data_preprocessor=dict(type='ClsDataPreprocessor', to_rgb=True),
    head=dict(
        type='LinearClsHead',
        in_channels=2048,
        num_classes=1000,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
        topk=(1, 5),
        init_cfg=None,  # torch's own, as in the official code
    ),
)
