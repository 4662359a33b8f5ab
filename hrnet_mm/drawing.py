"""Predictions on their picture, as the toolbox's own visualizer draws them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmengine.visualization import Visualizer

from .errors import UserError


def draw(
    visualizer: Visualizer,
    image: np.ndarray,
    sample: Any,
    *,
    score_thr: float = 0.3,
    draw_gt: bool = False,
) -> np.ndarray:
    """Draw boxes, masks, key points, label maps or class names on an image.

    Args:
        visualizer: Of one of the toolboxes, with `dataset_meta` set.
        image: Pixels (H, W, 3), RGB, 0 to 255.
        sample: The toolbox's data sample with predictions, in pixels of the image.
        score_thr: Boxes and key points below this score, 0 to 1, are not drawn.
        draw_gt: Draw the ground truth too, to the left of the predictions.

    Returns:
        Pixels (H, W, 3), RGB; with `draw_gt` (H, 2 W, 3), except for class names,
        which stand below each other.
    """
    drawer = _drawer_of(visualizer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'drawn.png'
        options = dict(draw_gt=draw_gt, out_file=str(path))
        drawer(visualizer, image, sample.cpu(), score_thr, options)
        return mmcv.imread(str(path), channel_order='rgb')


def _instances(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, options: dict
) -> None:
    visualizer.add_datasample(
        'prediction', image, sample, pred_score_thr=score, **options
    )


def _label_map(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, options: dict
) -> None:
    # Names would cover an image that is not much larger than they are.
    named = min(image.shape[:2]) >= 400
    visualizer.add_datasample('prediction', image, sample, with_labels=named, **options)


def _key_points(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, options: dict
) -> None:
    # mmengine only sets the attribute; the colours follow from this call.
    visualizer.set_dataset_meta(visualizer.dataset_meta)
    small = min(image.shape[:2]) < 400
    visualizer.radius, visualizer.line_width = (2, 1) if small else (4, 2)
    visualizer.add_datasample('prediction', image, sample, kpt_thr=score, **options)


def _class_names(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, options: dict
) -> None:
    visualizer.visualize_cls(image, sample, **options)


_DRAWERS: dict[str, Callable[..., None]] = {
    'mmdet': _instances,
    'mmseg': _label_map,
    'mmpose': _key_points,
    'mmpretrain': _class_names,
}


def _drawer_of(visualizer: Visualizer) -> Callable[..., None]:
    packages = [cls.__module__.split('.')[0] for cls in type(visualizer).__mro__]
    for package in packages:
        if package in _DRAWERS:
            return _DRAWERS[package]
    raise UserError(
        f'{type(visualizer).__name__} is no visualizer of {", ".join(_DRAWERS)}. Name '
        "the toolbox's own in the config, e.g. "
        "visualizer=dict(type='DetLocalVisualizer', name='visualizer')"
    )
