"""PASCAL-Context, 59 classes, as the HRNet papers trained and tested on it.

Official HRNet-Semantic-Segmentation, branch pytorch-v1.1, experiments/pascal_ctx: 200
epochs of 312 batches of 16 are 62,400 iterations. The long side is 520 times one of 0.5,
0.6, ..., 2.1; colours are left alone. tools/test.py --tta is the seven scales with flip
of the figures. The folders are those of mmseg: label maps from its
tools/dataset_converters/pascal_context.py.

Elsewhere on your disk: `--cfg-options data_root=/path/to/VOC2010/` moves every path.
"""

_base_ = 'segmentation.py'

dataset_type = 'PascalContextDataset59'
data_root = 'data/VOCdevkit/VOC2010/'
num_classes = 59  # of the file's labels 0 is not counted, 1 is class 0
crop_size = (480, 480)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='hrnet_mm.CheckLabels', num_classes=num_classes),
    dict(
        type='RandomChoiceResize',
        # 17 sizes of the long side: 260, 312, ..., 1092 = 520 x (0.5 to 2.1)
        scales=[(int(52 * tenths + 0.5),) * 2 for tenths in range(5, 22)],
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
# Large scales in windows that overlap by a third; so does 520.
test_window = dict(mode='slide', crop_size=crop_size, stride=(320, 320))

train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='JPEGImages/', seg_map_path='SegmentationClassContext/'
        ),
        ann_file='ImageSets/SegmentationContext/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='JPEGImages/', seg_map_path='SegmentationClassContext/'
        ),
        ann_file='ImageSets/SegmentationContext/val.txt',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.004, momentum=0.9, weight_decay=1e-4),
)
param_scheduler = [dict(_base_.poly, end=200)]
# lr is for 16 images = 4 GPUs x 4; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=16)
