"""Pose networks are published by the official code and, in older forms, by mmpose.

The official HRNetV1 finds the keypoints of people, HRNetV2 those of faces. mmpose 0.x
has both.
"""

from .form import Format

OFFICIAL = Format(
    name='official pose',
    task='pose',
    marks=('conv1.', 'final_layer.weight'),
    upsample=('nearest',),
    renames=(('final_layer.', 'head.final_layer.'), ('', 'backbone.')),
)
FACE = Format(
    name='official face',
    task='pose',
    marks=('conv1.', 'head.0.', 'head.3.'),
    upsample=('bilinear',),
    renames=(
        ('head.0.', 'head.conv_layers.0.'),
        ('head.1.', 'head.conv_layers.1.'),
        ('head.3.', 'head.final_layer.'),
        ('', 'backbone.'),
    ),
)
MMPOSE_0 = Format(
    name='mmpose 0.x',
    task='pose',
    marks=('backbone.', 'keypoint_head.'),
    upsample=('nearest',),
    renames=(('keypoint_head.', 'head.'),),
)


def _hrnetv2(head: str) -> Format:
    """Return the form for faces and hands, with the head under the given name.

    The head has a convolution and a norm before its last convolution.
    """
    return Format(
        name='mmpose 0.x, HRNetV2',
        task='pose',
        marks=('backbone.', f'{head}.final_layer.0.', f'{head}.final_layer.3.'),
        upsample=('bilinear',),
        renames=(
            (f'{head}.final_layer.0.', 'head.conv_layers.0.'),
            (f'{head}.final_layer.1.', 'head.conv_layers.1.'),
            (f'{head}.final_layer.3.', 'head.final_layer.'),
        ),
    )


MMPOSE_0_V2 = _hrnetv2('keypoint_head')
# The head has its name of 1.x already; mmpose itself renames its layers on loading.
MMPOSE_0_V2_HEAD = _hrnetv2('head')
