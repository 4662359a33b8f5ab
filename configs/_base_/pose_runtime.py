"""This is how mmpose runs."""

_base_ = 'runtime.py'

default_scope = 'mmpose'
# Several GPUs: the statistics of their BatchNorms are averaged before an evaluation.
custom_hooks = [dict(type='SyncBuffersHook')]
visualizer = dict(type='PoseLocalVisualizer')
# Losses of heat maps are small: 0.000812.
log_processor = dict(num_digits=6)
