"""Label maps of mmseg are painted by a table of colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from .canvas import Kept


class LabelMapCanvas(Kept):
    """This canvas paints label maps by a table, and counts to place the names."""

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
