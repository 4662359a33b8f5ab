"""Data set and heads are checked to fit, before the first image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import nn
from torch.utils.data import Dataset

from ..errors import UserError, first

# In these heads, num_classes is not the number of classes of the data set.
CLASS_AGNOSTIC = ('RPN', 'FusedSemanticHead')


def classes_occur(dataset: Dataset, cfg: dict, images: int) -> None:
    """Check that the annotations have at least one of the data set's classes."""
    cat_ids = getattr(dataset, 'cat_ids', None)
    file = getattr(dataset, 'ann_file', None)
    classes = getattr(dataset, 'metainfo', {}).get('classes')
    if not classes or cat_ids is None or cat_ids or not file:
        return
    content = json.loads(Path(file).read_text())
    names = [category['name'] for category in content['categories']]
    raise UserError(
        f"no category of {cfg.get('ann_file')} is among the data set's classes.\n"
        f'  found in the file: {first(names, most=8)}\n'
        f'  expected some of:  {first(classes, most=8)}\n'
        "Give the data set metainfo=dict(classes=('first', 'second', ...)) with "
        "the file's names, and the heads num_classes of that length"
    )


def images_are_left(dataset: Dataset, cfg: dict, images: int) -> None:
    """Check that a data set has images left after its filters."""
    if images == 0:
        where = cfg.get('ann_file') or cfg.get('data_root') or cfg.get('type')
        raise UserError(
            f'the data set of {where} is empty: no image has an annotation of its '
            'classes (see filter_cfg), or no file has its suffixes'
        )


def masks_are_there(dataset: Dataset, cfg: dict, images: int) -> None:
    """Check that the first annotation has a mask if mmdet's pipeline loads masks.

    `data.look` knows more of the data sets that it can read.
    """
    wanted = any(step.get('with_mask') for step in cfg.get('pipeline') or [])
    if not wanted or not hasattr(dataset, 'get_data_info'):
        return
    instances = dataset.get_data_info(0).get('instances') or []
    if instances and 'mask' not in instances[0]:
        raise UserError(
            f'the annotations in {cfg.get("ann_file")} have boxes, but no '
            "'segmentation': this config trains masks. Use a config without masks "
            '(faster_rcnn_..., cascade_rcnn_...) or annotations with polygons'
        )


def windows_cover(model: nn.Module) -> None:
    """Check that the sliding windows of a segmentor leave no gaps between them."""
    test_cfg: Any = getattr(model, 'test_cfg', None) or {}
    if test_cfg.get('mode') != 'slide':
        return
    sizes = [test_cfg.get(name) for name in ('crop_size', 'stride')]
    pairs = [x for x in sizes if isinstance(x, tuple | list) and len(x) == 2]
    if len(pairs) != 2 or any(not 0 < s <= c for c, s in zip(*pairs, strict=True)):
        raise UserError(
            f'model.test_cfg has crop_size={sizes[0]} and stride={sizes[1]}. Windows '
            'need both as (height, width) in pixels, and no stride larger than the '
            'crop:  crop_size=(512, 1024), stride=(341, 683)'
        )


def classes_agree(model: nn.Module, metainfo: dict, split: str) -> None:
    """Check that all heads have as many classes as the data set."""
    classes = metainfo.get('classes')
    if not classes or metainfo.get('num_keypoints'):
        return
    for name, module in model.named_modules():
        own = getattr(module, 'num_classes', None)
        agnostic = any(word in type(module).__name__ for word in CLASS_AGNOSTIC)
        if not name or agnostic or not isinstance(own, int) or own == len(classes):
            continue
        raise UserError(
            f'model.{name}.num_classes is {own}, but the {split} data has '
            f'{len(classes)} classes: {first(classes, most=8)}.\n'
            f'Set num_classes={len(classes)} there, or metainfo=dict(classes=...) in '
            'every data set'
        )


def key_points_agree(model: nn.Module, metainfo: dict, split: str) -> None:
    """Check that a pose head has one heatmap for each keypoint of the data set."""
    points = metainfo.get('num_keypoints')
    made = getattr(getattr(model, 'head', None), 'out_channels', None)
    if points and isinstance(made, int) and made != points:
        raise UserError(
            f'model.head puts out {made} heat maps, but the {split} data has '
            f'{points} key points. Set out_channels={points} there, or '
            'metainfo=dict(from_file=...) in every data set'
        )


def ignored_label_is_no_class(model: nn.Module) -> None:
    """Check that 255, the label that does not count by default, is none of the classes.

    Any other label is one that somebody chose.
    """
    for name, head in model.named_modules():
        classes: Any = getattr(head, 'num_classes', None) or 0
        if getattr(head, 'ignore_index', None) == 255 < classes:
            raise UserError(
                f'model.{name} has {classes} classes, and ignores one of them: '
                'ignore_index is 255. Set ignore_index=65535 there, and wherever the '
                'pipelines, data sets and metrics have 255'
            )
