"""LIP, 20 classes of people's parts, as the HRNet papers trained and tested on it.

Official HRNet-Semantic-Segmentation, experiments/lip: 150 epochs of 761 batches of 40 are
114,150 iterations. An image becomes a square of 473 times one of 0.5, 0.6, ..., 1.6
pixels. A mirror image exchanges left and right arms, legs and shoes: here mmcv's
RandomFlip does, in training, and hrnet_mm.SegmentationTTA in tools/test.py --tta, the
flip of the papers' figures.

Elsewhere on your disk: `--cfg-options data_root=/path/to/lip/` moves every path.
"""

_base_ = 'segmentation.py'

dataset_type = 'LIPDataset'
data_root = 'data/lip/'
num_classes = 20
crop_size = (473, 473)
# left and right arm, leg, shoe
mirrored_classes = [(14, 15), (16, 17), (18, 19)]

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes
# 12 sizes: 237, 284, ..., 757 = 473 x (0.5 to 1.6)
train_pipeline[3].update(
    scales=[(int(47.3 * tenths + 0.5),) * 2 for tenths in range(5, 17)],
    keep_ratio=False,
)
train_pipeline[4].size = train_pipeline[5].crop_size = crop_size
# The flip stands before the sizes, and exchanges left and right.
train_pipeline.insert(3, dict(train_pipeline.pop(6), swap_seg_labels=mirrored_classes))
test_pipeline[1].update(scale=crop_size, keep_ratio=False)
tta_pipeline[1].transforms[0] = [test_pipeline[1]]
tta_model = dict(mirrored_classes=mirrored_classes)

train_dataloader = dict(
    batch_size=10,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='TrainVal_images/train_images/',
            seg_map_path='TrainVal_parsing_annotations/train_segmentations/',
        ),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(
            img_path='TrainVal_images/val_images/',
            seg_map_path='TrainVal_parsing_annotations/val_segmentations/',
        ),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=150)
optim_wrapper = dict(optimizer=dict(lr=0.007, weight_decay=5e-4))
param_scheduler = [dict(_base_.poly, end=150)]
auto_scale_lr = dict(base_batch_size=40)  # 4 GPUs x 10
