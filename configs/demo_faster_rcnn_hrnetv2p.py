"""`make demo`: a small Faster R-CNN HRNetV2p from scratch in minutes on a laptop.

Not a row of the papers: W18-small-v1, 64 channels, 128 x 128 pixels, six classes of the
embedded data set. It shows the whole way: data, training, evaluation, pictures.

    python tools/make_shapes.py data/demo --layout coco --train 1200 --val 200 --size 128x128
    python tools/train.py configs/demo_faster_rcnn_hrnetv2p.py
"""

_base_ = [
    '_base_/faster_rcnn.py',
    '_base_/coco_detection.py',
    '_base_/demo.py',
    '_base_/loops.py',
    '_base_/det_runtime.py',
]

data_root = 'data/demo/'
# hrnet_mm.data.shapes.SHAPE_CLASSES, those of COCO's 80 that the generator draws
classes = ('person', 'stop sign', 'umbrella', 'sports ball', 'kite', 'book')
channels = 64

model = dict(
    data_preprocessor=_base_.demo.data_preprocessor,
    # From scratch: BatchNorm follows the images, and units start as their shortcuts.
    backbone=dict(type='hrnet_mm.HRNet', arch='w18_small_v1', zero_init_residual=True),
    neck=dict(type='hrnet_mm.HRFPN', arch='w18_small_v1', out_channels=channels),
    rpn_head=dict(in_channels=channels, feat_channels=channels),
    roi_head=dict(
        # One sample per bin: mmcv's RoIAlign has one thread on a CPU.
        bbox_roi_extractor=dict(
            roi_layer=dict(sampling_ratio=1), out_channels=channels
        ),
        bbox_head=dict(
            in_channels=channels,
            fc_out_channels=256,
            num_classes=len(classes),
            # Close to L1: boxes become exact sooner.
            loss_bbox=dict(beta=0.1),
        ),
    ),
    train_cfg=dict(
        # Objects are large for so small an image: anchors may cross its border.
        rpn=dict(allowed_border=-1),
        rpn_proposal=dict(nms_pre=500, max_per_img=200),
        rcnn=dict(sampler=dict(num=64, pos_fraction=0.5)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=500, max_per_img=200)),
)

data = dict(data_root=data_root, metainfo=dict(classes=classes))
train_pipeline = _base_.train_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[2].scale = test_pipeline[1].scale = (128, 128)
train_dataloader = dict(
    batch_size=4, **_base_.demo.loader, dataset=dict(pipeline=train_pipeline, **data)
)
val_dataloader = dict(
    batch_size=8, **_base_.demo.loader, dataset=dict(pipeline=test_pipeline, **data)
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + 'annotations/instances_val2017.json')
test_evaluator = val_evaluator

epochs = 4
train_cfg = dict(max_epochs=epochs, val_interval=2)
optim_wrapper = dict(
    _base_.demo.optim_wrapper,
    clip_grad=dict(max_norm=10, norm_type=2),
)
param_scheduler = _base_.demo.param_scheduler
param_scheduler[1].T_max = epochs
default_hooks = dict(logger=dict(interval=10), report=dict(score_thr=0.5))
custom_hooks = _base_.demo.custom_hooks
