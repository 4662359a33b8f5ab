"""This is how mmpretrain runs."""

_base_ = 'runtime.py'

default_scope = 'mmpretrain'
env_cfg = dict(cudnn_benchmark=True)  # all crops have one size
visualizer = dict(type='UniversalVisualizer')
