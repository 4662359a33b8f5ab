"""Images with a long side of 520: ADE20K, COCO-Stuff 10K and PASCAL-Context.

Crops of 520 x 520, 16 at a time, of images whose long side is 520 times one of 0.5, 0.6,
..., 2.1, where a data set says no other. tools/test.py --tta is seven scales with flip.
"""

_base_ = 'segmentation.py'

crop_size = (520, 520)

train_pipeline = _base_.train_pipeline
# 17 sizes of the long side: 260, 312, ..., 1092 = 520 x (0.5 to 2.1)
train_pipeline[3].scales = [(int(52 * tenths + 0.5),) * 2 for tenths in range(5, 22)]
train_pipeline[4].size = train_pipeline[5].crop_size = crop_size
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (520, 520)
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = [
    dict(type='Resize', scale=(int(520 * factor),) * 2, keep_ratio=True)
    for factor in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
]
# Large scales in windows that overlap by a third; at 520 an image is one window.
test_window = dict(mode='slide', crop_size=crop_size, stride=(346, 346))

train_dataloader = dict(batch_size=4)
optim_wrapper = dict(optimizer=dict(weight_decay=1e-4))
auto_scale_lr = dict(base_batch_size=16)  # 4 GPUs x 4
