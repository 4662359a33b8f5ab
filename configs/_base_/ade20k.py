"""ADE20K, 150 classes, as the official code of HRNet and HRNet+OCR trained and tested.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR, experiments/ade20k: 120 epochs of
1263 batches of 16 are 151,560 iterations. The official loader brings the short side to
520 first, then the long one to 520 times one of 0.5, 0.6, ..., 1.6, which is what counts;
colours are left alone. tools/test.py --tta is seven scales with flip.

Elsewhere on your disk: `--cfg-options data_root=/path/to/ADEChallengeData2016/` moves
every path.
"""

_base_ = 'segmentation_520.py'

dataset_type = 'ADE20KDataset'
data_root = 'data/ade/ADEChallengeData2016/'
num_classes = 150  # of the file's labels 0 is not counted, 1 is class 0

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes
# 12 sizes of the long side: 260, 312, ..., 832 = 520 x (0.5 to 1.6)
train_pipeline[3].scales = train_pipeline[3].scales[:12]

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='images/training/', seg_map_path='annotations/training/'
        ),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='images/validation/', seg_map_path='annotations/validation/'
        ),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=120)
optim_wrapper = dict(optimizer=dict(lr=0.02))
param_scheduler = [dict(_base_.poly, end=120)]
