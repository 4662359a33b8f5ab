"""HRNetV2-W18 on faces: all four streams, concatenated; a config adds the data.

As the official code: plain mean squared error over all heat maps, one image without its
flip in the test. The one difference is the momentum of the head's BatchNorm, 0.1 instead of
0.01, which mmpose's head does not take.
"""

_base_ = ['topdown.py', 'face.py', 'schedule_face_60e.py', 'pose_runtime.py']

model = dict(
    backbone=dict(
        type='hrnet_mm.HRNet',
        arch='w18',
        # Trained with bilinear fusions, from ImageNet weights trained with nearest ones.
        upsample=dict(mode='bilinear', align_corners=False),
        norm_cfg=dict(type='BN', momentum=0.01),
        init_cfg=dict(
            type='hrnet_mm.Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18'
        ),
    ),
    # Bilinear, to the size of the highest stream.
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        in_channels=270,  # 18 + 36 + 72 + 144
        conv_out_channels=(270,),
        conv_kernel_sizes=(1,),
        loss=dict(use_target_weight=False, loss_weight=1.0),
        decoder=_base_.codec,
    ),
    test_cfg=dict(flip_test=False),
)
