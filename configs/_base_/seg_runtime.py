"""This is how mmseg runs."""

_base_ = 'runtime.py'

default_scope = 'mmseg'
env_cfg = dict(cudnn_benchmark=True)  # all crops have one size
visualizer = dict(type='SegLocalVisualizer')
