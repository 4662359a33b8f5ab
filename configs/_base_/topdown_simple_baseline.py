"""SimpleBaseline on COCO key points at 256x192: a config adds depth and weights."""

_base_ = [
    'topdown_resnet.py',
    'coco_pose_simple.py',
    'schedule_pose_140e.py',
    'pose_runtime.py',
]

model = dict(head=dict(decoder=_base_.codec))
