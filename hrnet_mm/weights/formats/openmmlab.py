"""Today's OpenMMLab toolboxes have our names and differ in how HRNet up-samples.

These are mmdet since 2.0, all versions of mmseg and mmpretrain, and mmpose since 1.0.
"""

from ...toolboxes import TOOLBOXES, Toolbox
from .form import Format


def of_toolbox(toolbox: Toolbox, mark: str) -> Format:
    """Return the form of a toolbox's models whose names begin with a mark."""
    return Format(
        toolbox.name, toolbox.task, ('backbone.', mark), (toolbox.upsample,), renames=()
    )


MMPRETRAIN = tuple(
    of_toolbox(TOOLBOXES['mmpretrain'], part)
    for part in ('neck.0.increase_layers.', 'head.fc.')
)
MMSEG = (of_toolbox(TOOLBOXES['mmseg'], 'decode_head.'),)
MMPOSE = (
    # Faces and hands: mmpose configures its HRNet as bilinear there.
    Format(
        'mmpose, HRNetV2', 'pose', ('backbone.', 'head.conv_layers.'), ('bilinear',), ()
    ),
    of_toolbox(TOOLBOXES['mmpose'], 'head.final_layer.'),
)
MMDET = tuple(
    of_toolbox(TOOLBOXES['mmdet'], part)
    for part in ('roi_head.', 'bbox_head.', 'rpn_head.', 'neck.reduction_conv.conv.')
)
