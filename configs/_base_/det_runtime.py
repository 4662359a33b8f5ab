"""How mmdet runs here."""

_base_ = 'runtime.py'

default_scope = 'mmdet'
visualizer = dict(type='DetLocalVisualizer')
