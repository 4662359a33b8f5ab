"""8-stage Hourglass, COCO key points, 256x192.

Not a row of the papers: Table 1 of arXiv 1902.09212 prints AP 66.9 for an 8-stage Hourglass
of 25.1 M parameters, whose units are bottlenecks. mmpose's hourglass has two 3x3 convolutions
in each: with the layout of the original (256 channels, four halvings, one unit per place) it
is a network of 139.8 M, and no kept library has the original one.

Trained as HRNet from scratch; every stack is supervised by the same heat maps.

    python tools/train.py configs/topdown_hourglass_8stage_coco_256x192.py     # one GPU, or a CPU
    tools/dist_train.sh configs/topdown_hourglass_8stage_coco_256x192.py 4     # as in the paper: 4 GPUs x 32 images
"""

_base_ = '_base_/topdown_hrnet_coco.py'

stacks = 8
model = dict(
    backbone=dict(
        _delete_=True,
        type='HourglassNet',
        num_stacks=stacks,
        # 64x48 maps: halved four times they are 4x3; a fifth time would not fit.
        downsample_times=4,
        stage_channels=(256,) * 5,
        stage_blocks=(1,) * 5,
    ),
    # mmpose's head for several stages; the last one predicts.
    head=dict(type='CPMHead', in_channels=256, num_stages=stacks),
)
