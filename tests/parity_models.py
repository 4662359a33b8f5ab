"""Our models as small as the golden networks, and the form of the authors' files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import parity_case
import torch
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from samples import shrunk
from torch import Tensor, nn

Tensors = dict[str, Tensor]
golden = cache(parity_case.read)


# Outputs after the backbone, from its streams, named as in the golden files.


def numbered(**groups: list[Tensor]) -> Tensors:
    """`neck=[x, y]` as `{'neck.0': x, 'neck.1': y}`."""
    return {
        f'{name}.{i}': x for name, maps in groups.items() for i, x in enumerate(maps)
    }


def of_estimator(model: nn.Module, streams: list[Tensor]) -> Tensors:
    """A head of mmpose or mmpretrain, after a neck if there is one."""
    features = model.neck(streams) if model.with_neck else streams
    return numbered(head=[model.head(features)])


def of_segmentor(model: nn.Module, streams: list[Tensor]) -> Tensors:
    return numbered(head=[model.decode_head(streams)])


def of_cascade(model: nn.Module, streams: list[Tensor]) -> Tensors:
    soft_regions = model.decode_head[0](streams)
    return numbered(head=[soft_regions, model.decode_head[1](streams, soft_regions)])


def of_pyramid(model: nn.Module, streams: list[Tensor]) -> Tensors:
    return numbered(neck=model.neck(streams))


def of_two_stages(model: nn.Module, streams: list[Tensor]) -> Tensors:
    """The background is the last class here, the first one there, with a box unused."""
    levels = model.neck(streams)
    scores, boxes = model.roi_head.bbox_head(parity_case.regions(levels[0].shape[1]))
    maps = [x for kind in model.rpn_head(levels) for x in kind]
    return numbered(neck=levels, rpn=maps, box=[scores.roll(1, dims=1), boxes])


# What a config needs to be as small as the golden file's network.


def heatmaps(facts: dict[str, Any], width: int) -> dict:
    return dict(head=dict(in_channels=width, out_channels=facts['channels']))


def landmarks(facts: dict[str, Any], width: int) -> dict:
    channels = dict(in_channels=15 * width, conv_out_channels=(15 * width,))
    return dict(head=dict(out_channels=facts['channels'], **channels))


def image_classes(facts: dict[str, Any], width: int) -> dict:
    widen = dict(type='hrnet_mm.HRFuseScales', arch=facts['arch'])
    return dict(neck=[widen, dict(type='GlobalAveragePooling')])


def pixel_classes(facts: dict[str, Any], width: int) -> dict:
    in_channels = [width * 2**r for r in range(4)]
    head = dict(in_channels=in_channels, num_classes=facts['channels'])
    return dict(decode_head=dict(channels=sum(in_channels), **head))


def object_contexts(facts: dict[str, Any], width: int) -> dict:
    head = pixel_classes(facts, width)['decode_head']
    channels, ocr_channels = facts['ocr']
    second = dict(head, channels=channels, ocr_channels=ocr_channels)
    return {'decode_head.0': head, 'decode_head.1': second}


def pyramid(facts: dict[str, Any], width: int) -> dict:
    return dict(neck=dict(arch=facts['arch'], out_channels=facts['channels']))


def boxes(facts: dict[str, Any], width: int) -> dict:
    channels = facts['channels']
    return dict(
        rpn_head=dict(in_channels=channels, feat_channels=channels),
        roi_head=dict(bbox_head=dict(in_channels=channels, fc_out_channels=64)),
        **pyramid(facts, width),
    )


# The content of a file, from its network's state dict.


def plain(tensors: Tensors) -> dict[str, Any]:
    return tensors


def without_counters(tensors: Tensors) -> dict[str, Any]:
    """Drop the counters, as torch 0.4.0 and older had none."""
    return {k: v for k, v in tensors.items() if 'num_batches_tracked' not in k}


def pose_training(tensors: Tensors) -> dict[str, Any]:
    """The checkpoint of a training: `model` is a name there."""
    wrapped = {f'module.{name}': tensor for name, tensor in tensors.items()}
    rest = dict(best_state_dict=tensors, perf=0.7, optimizer=dict(state={}))
    return dict(epoch=210, model='pose_hrnet', state_dict=wrapped, **rest)


def with_loss(tensors: Tensors) -> dict[str, Any]:
    """Network and loss in one module."""
    wrapped = {f'model.{name}': tensor for name, tensor in tensors.items()}
    return {**wrapped, 'loss.criterion.weight': torch.ones(19)}


def mmcv(tensors: Tensors) -> dict[str, Any]:
    return dict(meta=dict(epoch=12, iter=87960), state_dict=tensors)


def benchmark(tensors: Tensors) -> dict[str, Any]:
    wrapped = {f'module.{name}': tensor for name, tensor in tensors.items()}
    return dict(model=wrapped, optimizer={}, scheduler={}, iteration=90000)


class Family(NamedTuple):
    """A family says how the network of a golden file is built, run and stored.

    Attributes:
        config: Name of the config.
        changes: What makes it small, from the golden file's facts and the width of the
            highest stream.
        outputs: Those after the backbone.
        stored: Content of a file as its authors publish it.
    """

    config: str
    changes: Callable[[dict[str, Any], int], dict]
    outputs: Callable[[nn.Module, list[Tensor]], Tensors]
    stored: Callable[[Tensors], dict[str, Any]]


FASTER_RCNN, FCOS = 'faster_rcnn_hrnetv2p_w18_1x', 'fcos_hrnetv2p_w18_1x'
CITYSCAPES, ADE20K = 'fcn_hrnetv2_w48_cityscapes', 'fcn_hrnetv2_w48_ade20k'
CONTEXTS = 'ocr_hrnetv2_w48_cityscapes'
CLASSIFIER = 'hrnet_w18_small_v1_c_imagenet'
POSE, FACE = 'topdown_hrnet_w32_coco_256x192', 'topdown_hrnetv2_w18_aflw_256x256'
FAMILIES = {
    'pose': Family(POSE, heatmaps, of_estimator, pose_training),
    'classification': Family(CLASSIFIER, image_classes, of_estimator, without_counters),
    'detection': Family(FASTER_RCNN, boxes, of_two_stages, mmcv),
    'detection_benchmark': Family(FASTER_RCNN, pyramid, of_pyramid, benchmark),
    'detection_fcos': Family(FCOS, pyramid, of_pyramid, benchmark),
    'segmentation': Family(CITYSCAPES, pixel_classes, of_segmentor, with_loss),
    'face': Family(FACE, landmarks, of_estimator, plain),
    'ocr': Family(CONTEXTS, object_contexts, of_cascade, with_loss),
    'segmentation_aligned': Family(ADE20K, pixel_classes, of_segmentor, with_loss),
    'segmentation_unaligned': Family(
        CITYSCAPES, pixel_classes, of_segmentor, with_loss
    ),
}


def build(name: str) -> nn.Module:
    """Our model of a golden file, with random weights."""
    family, facts = FAMILIES[name], golden(name).facts
    cfg = Config.fromfile(ROOT / f'configs/{family.config}.py')
    changes = family.changes(facts, facts['arch'][-1][-1][0])
    cfg.merge_from_dict({f'model.{part}': change for part, change in changes.items()})
    cfg.model.backbone.arch = facts['arch']
    init_default_scope(cfg.default_scope)
    model = MODELS.build(shrunk(cfg).model).eval()
    if family.outputs is of_pyramid:  # the files' heads are left aside
        return nn.ModuleDict(dict(backbone=model.backbone, neck=model.neck))
    return model
