"""Cityscapes as the HRNet papers trained and tested on it.

Official HRNet-Semantic-Segmentation, experiments/cityscapes: 484 epochs of 247 batches of
12 are 119,548 iterations. The long side is 2048 times one of 0.5, 0.6, ..., 2.1; colours
are left alone. tools/test.py --tta is the six scales with flip of the test server figures.

Elsewhere on your disk: `--cfg-options data_root=/path/to/cityscapes/` moves every path.
`python tools/make_shapes.py data/cityscapes --layout cityscapes` makes a small one.
"""

_base_ = 'segmentation.py'

dataset_type = 'CityscapesDataset'
data_root = 'data/cityscapes/'
num_classes = 19
crop_size = (512, 1024)
# lib/datasets/cityscapes.py; rare classes weigh more, the mean is 1.
class_weight = [
    0.8373, 0.918, 0.866, 1.0345, 1.0166, 0.9969, 0.9754, 1.0489, 0.8786, 1.0023,
    0.9539, 0.9843, 1.1116, 0.9037, 1.0865, 1.0955, 1.0865, 1.1529, 1.0507,
]  # fmt: skip

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes
# 17 sizes of the long side: 1024, 1229, ..., 4301 = 2048 x (0.5 to 2.1)
train_pipeline[3].scales = [(int(204.8 * tenths + 0.5),) * 2 for tenths in range(5, 22)]
train_pipeline[4].size = crop_size[::-1]
train_pipeline[5].crop_size = crop_size
test_pipeline[1].scale = (2048, 1024)
tta_pipeline[1].transforms[0] = [
    dict(
        type='Resize',
        scale=(int(2048 * factor), int(1024 * factor)),
        keep_ratio=True,
    )
    for factor in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
]
# Large scales in windows that overlap by a third; at 1024 x 2048 an image is one window.
test_window = dict(mode='slide', crop_size=(1024, 2048), stride=(682, 1365))

train_dataloader = dict(
    batch_size=3,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path='leftImg8bit/train/', seg_map_path='gtFine/train/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path='leftImg8bit/val/', seg_map_path='gtFine/val/'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=484, val_interval=11)
optim_wrapper = dict(optimizer=dict(lr=0.01, weight_decay=5e-4))
param_scheduler = [dict(_base_.poly, end=484)]
auto_scale_lr = dict(base_batch_size=12)  # 4 GPUs x 3
