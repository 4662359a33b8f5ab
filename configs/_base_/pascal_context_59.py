"""PASCAL-Context, 59 classes, as the HRNet papers trained and tested on it.

Official HRNet-Semantic-Segmentation, branch pytorch-v1.1, experiments/pascal_ctx: 200
epochs of 312 batches of 16 are 62,400 iterations. The long side is 520 times one of 0.5,
0.6, ..., 2.1; colours are left alone. tools/test.py --tta is the seven scales with flip
of the figures. The folders are those of mmseg: label maps from its
tools/dataset_converters/pascal_context.py.

Elsewhere on your disk: `--cfg-options data_root=/path/to/VOC2010/` moves every path.
"""

_base_ = 'segmentation_520.py'

dataset_type = 'PascalContextDataset59'
data_root = 'data/VOCdevkit/VOC2010/'
num_classes = 59  # of the file's labels 0 is not counted, 1 is class 0
crop_size = (480, 480)

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes
train_pipeline[4].size = train_pipeline[5].crop_size = crop_size
# Large scales in windows that overlap by a third; so does 520.
test_window = dict(crop_size=crop_size, stride=(320, 320))

folders = dict(img_path='JPEGImages/', seg_map_path='SegmentationClassContext/')
train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=folders,
        ann_file='ImageSets/SegmentationContext/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=folders,
        ann_file='ImageSets/SegmentationContext/val.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=200)
optim_wrapper = dict(optimizer=dict(lr=0.004))
param_scheduler = [dict(_base_.poly, end=200)]
