"""A top-down estimator, one box at a time; a config adds backbone and channels.

Loss and test are those of the official deep-high-resolution-net.pytorch: half the mean
squared error of the heat maps, unlabelled joints left out; the flipped image is predicted
too, its map moved right by one pixel before the two are averaged.
"""

_base_ = 'rgb.py'

# mmpose's inferencers look for it.
data_mode = 'topdown'

model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', bgr_to_rgb=True),
    head=dict(
        type='HeatmapHead',
        # No up-sampling: HRNet's map is the heat maps' size already.
        deconv_out_channels=None,
        # Weights of joints are 0 or 1 here, so that squaring them changes nothing.
        loss=dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=0.5),
    ),
    # mmpose's accuracy of the batch goes through NumPy, which knows no bfloat16 and waits
    # for the GPU.
    train_cfg=dict(compute_acc=False),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True),
)
