"""HRNetV1 on MPII: a config adds arch, channels and weights."""

_base_ = ['topdown_hrnet.py', 'mpii.py', 'schedule_pose_210e.py', 'pose_runtime.py']

model = dict(head=dict(out_channels=16, decoder=_base_.codec))
