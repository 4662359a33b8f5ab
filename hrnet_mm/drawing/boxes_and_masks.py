"""Boxes and masks of mmdet are drawn by OpenCV and Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch

from .canvas import Canvas, region


class InstanceCanvas(Canvas):
    """This canvas draws masks where they are; mmdet searches whole images for each.

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
        # The visualizer's own, which stands behind the canvas.
        super().add_datasample(name, image, data_sample, **options)  # type: ignore[misc]

    def _draw_instances(
        self, image: np.ndarray, instances: Any, classes: Any, palette: Any
    ) -> np.ndarray:
        masks = instances.pop('masks', [])
        boxed = 'bboxes' in instances and instances.bboxes.sum() > 0
        if masks and not boxed:
            instances.masks = np.stack(masks)
        if masks and boxed:
            image = self._draw_masks(image, masks, instances.labels, palette)
        drawn = (image, instances, classes, palette)
        return super()._draw_instances(*drawn)  # type: ignore[misc]  # as above

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
