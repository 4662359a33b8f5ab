"""One network is built by us, by the toolboxes and by timm, with the same weights.

All are `Sequential(backbone, ...)` modules from images (N, 3, H, W) to one or several
maps. Toolboxes and timm are imported where they are used: one that is missing costs its
rows alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from hrnet_mm.models import ARCHS, HRFPN, HRFuseScales, HRNet
from hrnet_mm.toolboxes import TOOLBOXES

from .cases import Case

Model = TypeVar('Model', bound=nn.Module)
CLASSES = dict(cityscapes=19, imagenet=1000)
KEYPOINTS = 17  # COCO's
# Prefix in our names -> in timm's; `1.` is the head and `3.` the classifier.
TIMM_CLASSIFIER = (
    ('0.', ''),
    ('1.increase_layers.', 'incre_modules.'),
    ('1.downsample_layers.', 'downsamp_modules.'),
    ('1.final_layer.', 'final_layer.'),
    ('3.fc.', 'classifier.'),
)


def detection_heads(channels: tuple[int, ...], ours: bool) -> list[nn.Module]:
    """Return the pyramid of five levels with 256 channels."""
    if ours:
        return [HRFPN(in_channels=channels)]
    necks = import_module('mmdet.models.necks')
    return [necks.HRFPN(list(channels), 256)]


def pose_heads(channels: tuple[int, ...], ours: bool) -> list[nn.Module]:
    """Return mmpose's head in both cases, with one heat map per key point."""
    heads = import_module('mmpose.models.heads')
    return [heads.HeatmapHead(channels[0], KEYPOINTS, deconv_out_channels=None)]


def segmentation_heads(channels: tuple[int, ...], ours: bool) -> list[nn.Module]:
    """Return mmseg's head in both cases, with logits at stride 4.

    It is the head of fcn_hrnetv2_w48_cityscapes.py.
    """
    heads = import_module('mmseg.models.decode_heads')
    head = heads.FCNHead(
        in_channels=list(channels),
        in_index=list(range(len(channels))),
        input_transform='resize_concat',
        channels=sum(channels),
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        dropout_ratio=0,
        num_classes=CLASSES['cityscapes'],
        norm_cfg=dict(type='BN'),
    )
    return [head]


def classification_heads(channels: tuple[int, ...], ours: bool) -> list[nn.Module]:
    """Return HRNet-Wx-C's head, the mean over the map, and the classifier."""
    models = import_module('mmpretrain.models')
    fuse = HRFuseScales(in_channels=channels)
    if not ours:
        fuse = import_module('mmpretrain.models.necks').HRFuseScales(channels)
    classifier = models.LinearClsHead(CLASSES['imagenet'], 2048)
    return [fuse, models.GlobalAveragePooling(), classifier]


HEADS = {
    'detection': detection_heads,
    'pose': pose_heads,
    'segmentation': segmentation_heads,
    'classification': classification_heads,
}
TOOLBOX_OF = {toolbox.task: toolbox for toolbox in TOOLBOXES.values()}


def stage_dict(case: Case) -> dict[str, dict]:
    """Return OpenMMLab's dict of the four stages."""
    extra = {
        f'stage{n}': dict(
            num_modules=stage.modules,
            num_branches=len(stage.widths),
            block=stage.block.upper(),
            num_blocks=stage.depths,
            num_channels=stage.widths,
        )
        for n, stage in enumerate(ARCHS[case.arch], start=1)
    }
    if case.task == 'pose':
        extra['stage4']['multiscale_output'] = False
    return extra


def ours(case: Case, seed: int = 0) -> nn.Sequential:
    """Build the readable network with seeded weights and statistics that fit them."""
    torch.manual_seed(seed)
    body = HRNet(
        case.arch,
        upsample=TOOLBOX_OF[case.task].upsample,
        norm_eval=case.norm_eval,
        multiscale_output=case.task != 'pose',
    )
    return fitted(nn.Sequential(body, *HEADS[case.task](body.out_channels, True)))


def channels_of(source: nn.Sequential) -> tuple[int, ...]:
    """Return the channels of the streams of the HRNet that `ours` begins with."""
    body = source[0]
    assert isinstance(body, HRNet)
    return body.out_channels


def toolbox(case: Case, source: nn.Sequential) -> nn.Sequential:
    """Build the toolbox's own classes with the weights of `ours`."""
    backbones = import_module(f'{TOOLBOX_OF[case.task].name}.models.backbones')
    body = backbones.HRNet(extra=stage_dict(case), norm_eval=case.norm_eval)
    model = nn.Sequential(body, *HEADS[case.task](channels_of(source), False))
    model.load_state_dict(source.state_dict())
    return model


def timm(case: Case, source: nn.Sequential) -> nn.Module:
    """Build timm's network; the pyramid or the logits after it are the toolbox's.

    Raises:
        NotImplementedError: timm has no such network.
    """
    if case.task == 'pose':
        raise NotImplementedError(
            'timm has no HRNetV1: its last exchange has 4 outputs'
        )
    create = import_module('timm').create_model
    name = f'hrnet_{case.arch.removesuffix("_v1")}'
    weights = source.state_dict()
    if case.task == 'classification':
        model = create(name, head_conv_bias=False)
        model.load_state_dict({timm_key(key): x for key, x in weights.items()})
        return model
    streams = dict(features_only=True, feature_location='', out_indices=(1, 2, 3, 4))
    body = create(name, **streams)
    upsample = TOOLBOX_OF[case.task].upsample
    for layer in body.modules():
        if isinstance(layer, nn.Upsample) and upsample == 'bilinear':
            layer.mode, layer.align_corners = 'bilinear', False
    model = nn.Sequential(body, *HEADS[case.task](channels_of(source), False))
    model.load_state_dict(weights)
    return model


def timm_key(key: str) -> str:
    """Return timm's name for one of our classifier's weights."""
    old, new = next(pair for pair in TIMM_CLASSIFIER if key.startswith(pair[0]))
    renamed = new + key.removeprefix(old)
    if new in ('downsamp_modules.', 'final_layer.'):
        renamed = renamed.replace('conv.', '0.').replace('bn.', '1.')
    return renamed


def own(case: Case, source: nn.Sequential) -> nn.Module:
    """Return a copy of `ours`."""
    return copy.deepcopy(source)


NETWORKS: dict[str, Callable[[Case, nn.Sequential], nn.Module]] = dict(
    toolbox=toolbox, ours=own, timm=timm
)


def fitted(model: Model) -> Model:
    """Draw seeded weights, and take running statistics of noise: no activation grows.

    Norms get scales near one and shifts near zero, not exactly: a fast implementation
    that forgets one of them shows.
    """
    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            nn.init.kaiming_normal_(weight)
        else:
            nn.init.normal_(weight, float(name.endswith('weight')), 0.1)
    model.train()
    norms = [layer for layer in model.modules() if isinstance(layer, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train().momentum = None  # the mean of all passes
    with torch.no_grad():
        for _ in range(2):
            model(torch.randn(2, 3, 128, 128))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model


def set_mode(model: Model, case: Case) -> Model:
    """Set eval mode, or training mode with norms as the task trains them."""
    model.train(case.training)  # returns None in the toolboxes' own backbones
    if case.norm_eval:
        for layer in model.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
    return model


def flat(outputs: Tensor | tuple | list) -> list[Tensor]:
    """Return the maps of one output, or of several, as a list."""
    return [outputs] if isinstance(outputs, Tensor) else list(outputs)
