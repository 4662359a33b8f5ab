"""Today's OpenMMLab, whose names are ours: which toolbox, and how its HRNet up-samples.

Since mmdet 2.0, in all versions of mmseg and mmpretrain, since mmpose 1.0.
"""

from .form import Format


def _format(name: str, task: str, upsample: str, *marks: str) -> Format:
    return Format(name, task, ('backbone.', *marks), (upsample,), renames=())


MMPRETRAIN = (
    _format('mmpretrain', 'classification', 'nearest', 'neck.0.increase_layers.'),
    _format('mmpretrain', 'classification', 'nearest', 'head.fc.'),
)
MMSEG = (_format('mmseg', 'segmentation', 'bilinear', 'decode_head.'),)
MMPOSE = (
    _format('mmpose, HRNetV2', 'pose', 'bilinear', 'head.conv_layers.'),
    _format('mmpose', 'pose', 'nearest', 'head.final_layer.'),
)
MMDET = tuple(
    _format('mmdet', 'detection', 'nearest', part)
    for part in ('roi_head.', 'bbox_head.', 'rpn_head.', 'neck.reduction_conv.conv.')
)
