"""Predictions on their picture, as the toolbox's own visualizer draws them.

The visualizer says what is drawn, where and in which colours. By itself it draws with
matplotlib, or looks at each pixel in Python: of a frame of 1920x1080 that takes 0.2 s
(boxes) to 6 s (label maps). A copy of it draws with OpenCV and Pillow, into memory.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from mmengine.visualization import Visualizer

from ..errors import UserError
from .canvas import Canvas, Kept, Pen, region, rgb, written


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
    canvas = copy.copy(visualizer)
    canvas.__class__ = _drawing_on(drawer, type(visualizer))
    pixels = image.clip(0, 255).astype(np.uint8)
    drawer.draw(canvas, pixels, sample.cpu(), score_thr, draw_gt)
    return canvas.drawn


@functools.cache
def _drawing_on(drawer: _Drawer, kind: type[Visualizer]) -> type[Visualizer]:
    """Return a visualizer's class mixed with that of its canvas.

    How a class of the user's draws is its own affair: of it the picture is kept.
    """
    canvas = drawer.canvas if kind.__name__ == drawer.known else Kept
    return type(kind.__name__, (canvas, kind), {})


class InstanceCanvas(Canvas):
    """Draws masks where they are: mmdet copies and searches whole images several times.

    Masks without boxes have labels of their own, which mmdet places.
    """

    def add_datasample(
        self, name: str, image: np.ndarray, data_sample: Any, **options: Any
    ) -> None:
        """Draw as mmdet, which would copy the masks to take those that are shown."""
        for side in ('gt_instances', 'pred_instances'):
            instances = data_sample.get(side, {})
            if 'masks' in instances:
                instances.masks = _listed(instances.masks)
        super().add_datasample(name, image, data_sample, **options)

    def _draw_instances(
        self, image: np.ndarray, instances: Any, classes: Any, palette: Any
    ) -> np.ndarray:
        masks = instances.pop('masks', [])
        boxed = 'bboxes' in instances and instances.bboxes.sum() > 0
        if masks and not boxed:
            instances.masks = np.stack(masks)
        if masks and boxed:
            image = self._draw_masks(image, masks, instances.labels, palette)
        return super()._draw_instances(image, instances, classes, palette)

    def _draw_masks(
        self, image: np.ndarray, masks: list[np.ndarray], labels: Any, palette: Any
    ) -> np.ndarray:
        from mmdet.visualization import get_palette, jitter_color

        palette = palette if self.mask_color is None else self.mask_color
        colors = get_palette(palette, int(max(labels)) + 1)
        outlines: list[np.ndarray] = []
        self.set_image(image)
        for mask, label in zip(masks, labels, strict=True):
            part = region(mask)
            self.tint(mask, part, jitter_color(colors[label]), self.alpha)
            outlines += _outlines(mask, part)
        self.draw_polygons(outlines, 'w', self.alpha)
        return self.get_image()


def _listed(masks: Any) -> list[np.ndarray]:
    """Return masks of a model or of annotations, each (H, W) of bool."""
    array = masks.numpy() if isinstance(masks, torch.Tensor) else masks.to_ndarray()
    return list(array.astype(bool, copy=False))


def _outlines(mask: np.ndarray, part: tuple[slice, slice]) -> Sequence[np.ndarray]:
    """Find the outlines of a mask and of the holes in it, each (N, 1, 2)."""
    rows, columns = part
    how = cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    offset = columns.start, rows.start
    return cv2.findContours(mask[part].view(np.uint8), *how, offset=offset)[0]


class LabelMapCanvas(Kept):
    """Paints label maps by a table, and counts to find the places of names."""

    def _draw_sem_seg(
        self,
        image: np.ndarray,
        sem_seg: Any,
        classes: Sequence[str],
        palette: Sequence[Sequence[int]],
        with_labels: bool = True,
    ) -> np.ndarray:
        # Other labels, such as that of what is ignored, are black.
        labels = np.minimum(np.asarray(sem_seg.data[0], np.int64), len(classes))
        table = np.zeros((len(classes) + 1, 4), np.uint8)
        table[:-1, :3] = palette
        colors = table.view(np.uint32).ravel()[labels].view(np.uint8)
        painted = cv2.cvtColor(colors.reshape(*labels.shape, 4), cv2.COLOR_RGBA2RGB)
        if with_labels:
            for label, x, y in _places(labels, len(classes)):
                _name(painted, classes[label], palette[label], x, y)
        return cv2.addWeighted(image, 1 - self.alpha, painted, self.alpha, 0)


def _places(labels: np.ndarray, count: int) -> Iterator[tuple[int, int, int]]:
    """Yield each label below `count`, and the middle of the row that has most of it."""
    height, kinds = len(labels), count + 1
    numbered = labels + kinds * np.arange(height)[:, None]
    sizes = np.bincount(numbered.ravel(), minlength=height * kinds)
    sizes = sizes.reshape(height, kinds)
    for label in np.flatnonzero(sizes[:, :count].any(0))[::-1]:
        y = sizes[:, label].argmax()
        columns = np.flatnonzero(labels[y] == label)
        yield int(label), int(columns[len(columns) // 2]), int(y)


def _name(painted: np.ndarray, text: str, color: Sequence[int], x: int, y: int) -> None:
    """Write a class's name in a box of its colour, as mmseg does."""
    shorter = min(painted.shape[:2])
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, shorter / 500
    thickness = 1 if shorter < 300 else 2
    (width, height), below = cv2.getTextSize(text, font, scale, thickness)
    box = (x, y), (x + width + below, y + height + below)
    cv2.rectangle(painted, *box, tuple(map(int, color)), -1)
    cv2.rectangle(painted, *box, (0, 0, 0), thickness)
    white = (255, 255, 255)
    cv2.putText(painted, text, (x, y + height), font, scale, white, thickness, 2)


class ClassNameCanvas(Canvas):
    """Writes what mmpretrain gives to matplotlib's axes, in whose place it is."""

    @property
    def ax_save(self) -> ClassNameCanvas:
        return self

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a text in a box of matplotlib's style Round."""
        box, size = style['bbox'], self.pixels(style['size'])
        margin = radius = 0.3 * size
        color, shade = rgb(style['color']), rgb(box['facecolor'])
        pen = Pen(size, color, shade, box['alpha'], margin, radius, style['family'])
        self.put(written(text, pen), x - margin, y - margin)


def _instances(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, draw_gt: bool
) -> None:
    visualizer.add_datasample(
        'prediction', image, sample, pred_score_thr=score, draw_gt=draw_gt
    )


def _label_map(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, draw_gt: bool
) -> None:
    # Names would cover an image that is not much larger than they are.
    named = min(image.shape[:2]) >= 400
    visualizer.add_datasample(
        'prediction', image, sample, with_labels=named, draw_gt=draw_gt
    )


def _key_points(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, draw_gt: bool
) -> None:
    # mmengine only sets the attribute; the colours follow from this call.
    visualizer.set_dataset_meta(visualizer.dataset_meta)
    small = min(image.shape[:2]) < 400
    visualizer.radius, visualizer.line_width = (2, 1) if small else (4, 2)
    visualizer.add_datasample(
        'prediction', image, sample, kpt_thr=score, draw_gt=draw_gt
    )


def _class_names(
    visualizer: Visualizer, image: np.ndarray, sample: Any, score: float, draw_gt: bool
) -> None:
    visualizer.visualize_cls(image, sample, draw_gt=draw_gt)


class _Drawer(NamedTuple):
    """What is known of a toolbox's visualizer.

    Attributes:
        known: Name of the class that draws on the canvas.
        canvas: What it draws on.
        draw: How it is asked to draw.
    """

    known: str
    canvas: type[Kept]
    draw: Callable[..., None]


_DRAWERS = {
    'mmdet': _Drawer('DetLocalVisualizer', InstanceCanvas, _instances),
    'mmseg': _Drawer('SegLocalVisualizer', LabelMapCanvas, _label_map),
    'mmpose': _Drawer('PoseLocalVisualizer', Kept, _key_points),
    'mmpretrain': _Drawer('UniversalVisualizer', ClassNameCanvas, _class_names),
}


def _drawer_of(visualizer: Visualizer) -> _Drawer:
    packages = [cls.__module__.split('.')[0] for cls in type(visualizer).__mro__]
    for package in packages:
        if package in _DRAWERS:
            return _DRAWERS[package]
    raise UserError(
        f'{type(visualizer).__name__} is no visualizer of {", ".join(_DRAWERS)}. Name '
        "the toolbox's own in the config, e.g. "
        "visualizer=dict(type='DetLocalVisualizer', name='visualizer')"
    )
