"""ADE20K, 150 classes, as the official code of HRNet and HRNet+OCR trained and tested.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR, experiments/ade20k: 120 epochs of
1263 batches of 16 are 151,560 iterations. The official loader brings the short side to
520 first, then the long one to 520 times one of 0.5, 0.6, ..., 1.6, which is what counts;
colours are left alone. tools/test.py --tta is seven scales with flip.

Elsewhere on your disk: `--cfg-options data_root=/path/to/ADEChallengeData2016/` moves
every path.
"""

_base_ = 'segmentation.py'

dataset_type = 'ADE20KDataset'
data_root = 'data/ade/ADEChallengeData2016/'
num_classes = 150  # of the file's labels 0 is not counted, 1 is class 0
crop_size = (520, 520)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=num_classes),
    dict(
        type='RandomChoiceResize',
        # 12 sizes of the long side: 260, 312, ..., 832 = 520 x (0.5 to 1.6)
        scales=[(int(52 * tenths + 0.5),) * 2 for tenths in range(5, 17)],
        keep_ratio=True,
    ),
    dict(type='Pad', size=crop_size, pad_val=dict(img=0, seg=255)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(520, 520), keep_ratio=True),
    # After Resize: the labels stay those of the original image, as predictions are.
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=num_classes),
    dict(type='PackSegInputs'),
]
tta_model = dict(type='hrnet_mm.SegmentationTTA')
tta_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [
                dict(type='Resize', scale=(int(520 * factor),) * 2, keep_ratio=True)
                for factor in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
            ],
            [dict(type='RandomFlip', prob=p) for p in (0.0, 1.0)],
            [dict(type='LoadAnnotations')],
            [dict(type='hrnet_mm.CheckLabels', num_classes=num_classes)],
            [dict(type='PackSegInputs')],
        ],
    ),
]
# Large scales in windows that overlap by a third; at 520 an image is one window.
test_window = dict(mode='slide', crop_size=crop_size, stride=(346, 346))

train_dataloader = dict(
    batch_size=4,
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
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=120, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4),
)
param_scheduler = [dict(_base_.poly, end=120)]
# lr is for 16 images = 4 GPUs x 4; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=16)
