"""PASCAL-Context with its background as class 0: 60 classes, the rest as with 59."""

_base_ = 'pascal_context_59.py'

num_classes = 60
train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes

train_dataloader = dict(
    dataset=dict(type='PascalContextDataset', pipeline=train_pipeline)
)
val_dataloader = dict(dataset=dict(type='PascalContextDataset', pipeline=test_pipeline))
test_dataloader = val_dataloader
