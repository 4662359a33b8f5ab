"""Hybrid Task Cascade: boxes and masks in turns, with a semantic branch.

On Cascade Mask R-CNN: a stage's masks use its own refined boxes and the features of the
masks before, and both use features that learn the 183 labels of COCO-Stuff. As the HRNet
configs of mmdet 1 had it, which trained the paper's models. A config adds backbone and
neck.
"""

_base_ = 'cascade_mask_rcnn.py'

model = dict(
    type='HybridTaskCascade',
    data_preprocessor=dict(pad_seg=True),
    roi_head=dict(
        type='HybridTaskCascadeRoIHead',
        interleaved=True,
        mask_info_flow=True,
        mask_head=[
            dict(
                _base_.masks.roi_head.mask_head,
                type='HTCMaskHead',
                # The first stage has no masks before it.
                with_conv_res=with_conv_res,
            )
            for with_conv_res in (False, True, True)
        ],
        semantic_roi_extractor=dict(
            _base_.masks.roi_head.mask_roi_extractor, featmap_strides=[8]
        ),
        semantic_head=dict(
            type='FusedSemanticHead',
            num_ins=5,
            fusion_level=1,
            seg_scale_factor=1 / 8,
            num_convs=4,
            in_channels=256,
            conv_out_channels=256,
            num_classes=183,
            loss_seg=dict(type='CrossEntropyLoss', ignore_index=255, loss_weight=0.2),
        ),
    ),
    test_cfg=dict(
        rpn=dict(nms_pre=1000, max_per_img=1000),
        rcnn=dict(score_thr=0.001),
    ),
)
