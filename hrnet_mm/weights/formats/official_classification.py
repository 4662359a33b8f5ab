"""HRNet-Wx-C, the official ImageNet networks, share their tensor names with timm."""

from dataclasses import replace

from .form import Format

OFFICIAL = Format(
    name='official classification',
    task='classification',
    marks=('conv1.', 'incre_modules.'),
    upsample=('nearest',),
    renames=(
        ('incre_modules.*.', 'neck.0.increase_layers.*.'),
        ('downsamp_modules.*.0.', 'neck.0.downsample_layers.*.conv.'),
        ('downsamp_modules.*.1.', 'neck.0.downsample_layers.*.bn.'),
        ('final_layer.0.', 'neck.0.final_layer.conv.'),
        ('final_layer.1.', 'neck.0.final_layer.bn.'),
        ('classifier.', 'head.fc.'),
        ('', 'backbone.'),
    ),
    folded=(
        ('downsamp_modules.*.0.bias', 'neck.0.downsample_layers.*.bn.running_mean'),
        ('final_layer.0.bias', 'neck.0.final_layer.bn.running_mean'),
    ),
)
# A whole model, or one with features_only, which ends after incre_modules.
TIMM = replace(OFFICIAL, name='timm')
