"""COCO-Stuff 10K, 171 classes, as the official code of HRNet and HRNet+OCR trained.

Official HRNet-Semantic-Segmentation, branch HRNet-OCR, experiments/cocostuff: its lists
are the 9000 and 1000 images of COCO-Stuff 10K, not the 164K. 110 epochs of 562 batches of
16 are 61,820 iterations. The official loader brings the short side to 520 first, then the
long one to 520 times one of 0.5, 0.6, ..., 2.1, which is what counts; colours are left
alone. tools/test.py --tta is seven scales with flip. The folders are those of mmseg:
label maps from its tools/dataset_converters/coco_stuff10k.py.

Elsewhere on your disk: `--cfg-options data_root=/path/to/coco_stuff10k/` moves every path.
"""

_base_ = 'segmentation_520.py'

dataset_type = 'COCOStuffDataset'
data_root = 'data/coco_stuff10k/'
num_classes = 171  # of the file's labels 0 is not counted, 1 is class 0

train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
tta_pipeline = _base_.tta_pipeline
train_pipeline[2].num_classes = test_pipeline[3].num_classes = num_classes
tta_pipeline[1].transforms[3][0].num_classes = num_classes

train_dataloader = dict(
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
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=110)
optim_wrapper = dict(
    optimizer=dict(lr=0.001),
    # 0.001 for the backbone, 0.01 for the heads
    paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=10))),
)
param_scheduler = [dict(_base_.poly, end=110)]
