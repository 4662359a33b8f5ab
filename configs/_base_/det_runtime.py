"""This is how mmdet runs."""

_base_ = 'runtime.py'

default_scope = 'mmdet'
visualizer = dict(type='DetLocalVisualizer')
