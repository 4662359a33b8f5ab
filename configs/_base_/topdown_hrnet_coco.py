"""HRNetV1 on COCO key points at 256x192: a config adds arch, channels and weights."""

_base_ = [
    'topdown_hrnet.py',
    'coco_pose.py',
    'schedule_pose_210e.py',
    'pose_runtime.py',
]

model = dict(head=dict(out_channels=17, decoder=_base_.codec))
