"""`make demo-mask`: a small Mask R-CNN HRNetV2p from scratch in minutes on a laptop.

Not a row of the papers: the detection demo with a mask head of two convolutions, on the same data.

    python tools/make_shapes.py data/demo --layout coco --train 1200 --val 200 --size 128x128
    python tools/train.py configs/demo_mask_rcnn_hrnetv2p.py
"""

_base_ = ['demo_faster_rcnn_hrnetv2p.py', '_base_/masks.py']

channels = _base_.channels

masks = _base_.masks
masks.roi_head.mask_roi_extractor.out_channels = channels
masks.roi_head.mask_roi_extractor.roi_layer.update(output_size=7, sampling_ratio=1)
masks.roi_head.mask_head.update(
    num_convs=2,
    in_channels=channels,
    conv_out_channels=channels,
    num_classes=len(_base_.classes),
)

model = dict(masks, type='MaskRCNN', train_cfg=dict(rcnn=dict(mask_size=14)))

train_pipeline = _base_.train_pipeline
train_pipeline[1].with_mask = True
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
test_pipeline = _base_.test_pipeline
test_pipeline[2].with_mask = True
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(metric=['bbox', 'segm'])
test_evaluator = val_evaluator

epochs = 3
train_cfg = dict(max_epochs=epochs, val_interval=epochs)
param_scheduler = _base_.param_scheduler
param_scheduler[1].T_max = epochs
