"""COCO-Stuff 10K, 171 classes, as the official code of HRNet and HRNet+OCR trained.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR, experiments/cocostuff: its lists
are the 9000 and 1000 images of COCO-Stuff 10K, not the 164K. 110 epochs of 562 batches of
16 are 61,820 iterations. The official loader brings the short side to 520 first, then the
long one to 520 times one of 0.5, 0.6, ..., 2.1, which is what counts; colours are left
alone. tools/test.py --tta is seven scales with flip. The folders are those of mmseg:
label maps from its tools/dataset_converters/coco_stuff10k.py.

Elsewhere on your disk: `--cfg-options data_root=/path/to/coco_stuff10k/` moves every path.
"""

_base_ = 'segmentation.py'

dataset_type = 'COCOStuffDataset'
data_root = 'data/coco_stuff10k/'
num_classes = 171  # of the file's labels 0 is not counted, 1 is class 0
crop_size = (520, 520)

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
# Large scales in windows that overlap by a third; at 520 an image is one window.
test_window = dict(mode='slide', crop_size=crop_size, stride=(346, 346))

train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='images/train2014/', seg_map_path='annotations/train2014/'
        ),
        reduce_zero_label=True,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='images/test2014/', seg_map_path='annotations/test2014/'
        ),
        reduce_zero_label=True,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=110, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.001, momentum=0.9, weight_decay=1e-4),
    # 0.001 for the backbone, 0.01 for the heads
    paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=10))),
)
param_scheduler = [dict(_base_.poly, end=110)]
# lr is for 16 images = 4 GPUs x 4; it is scaled to the batch that really runs.
auto_scale_lr = dict(enable=True, base_batch_size=16)
