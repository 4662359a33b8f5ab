"""OpenCV and Pillow draw what mmengine's visualizer would draw by matplotlib.

A canvas is mixed into a visualizer, which goes on saying what is drawn, where and in
which colors. Lengths are points, as matplotlib's.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont
from mmengine.visualization.utils import color_val_matplotlib
from PIL import Image, ImageDraw, ImageFont


class Kept:
    """This class keeps the picture that the visualizer would send elsewhere."""

    drawn: np.ndarray
    # Attributes of the visualizers that a canvas is mixed into.
    alpha: float
    mask_color: Any
    dpi: float

    def add_image(self, name: str, image: np.ndarray, step: int = 0) -> None:
        """Keep the picture, (H, W, 3), RGB."""
        self.drawn = image


class Canvas(Kept):
    """A canvas is an array; lines lie above masks and texts above lines.

    The methods are those that the toolboxes call, with the arguments that they give.
    """

    def set_image(self, image: np.ndarray) -> None:
        """Begin with an image, (H, W, 3), RGB."""
        # A picture of the canvas's own goes on as it is: it is nobody else's.
        if image is not getattr(self, '_image', None):
            self._image = image.astype(np.uint8)
        self.height, self.width = image.shape[:2]
        self._lines: list[tuple] = []
        self._texts: list[tuple] = []

    def get_image(self) -> np.ndarray:
        """Draw what waits for what lies below it; the picture (H, W, 3), RGB."""
        for polygons, colors, width, alpha in self._lines:
            above = self._image.copy()
            for polygon, color in zip(polygons, colors, strict=True):
                cv2.polylines(above, [polygon], True, color, width)
            cv2.addWeighted(above, alpha, self._image, 1 - alpha, 0, dst=self._image)
        for patch, x, y in self._texts:
            _lay(patch, self._image, x, y)
        self._lines, self._texts = [], []
        return self._image

    def draw_bboxes(
        self, bboxes: Any, edge_colors: Any, alpha: float, line_widths: float
    ) -> None:
        """Draw boxes (N, 4): left, upper, right and lower edge in pixels."""
        corners = np.asarray(bboxes)[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
        self.draw_polygons(list(corners), edge_colors, alpha, line_widths)

    def draw_polygons(
        self,
        polygons: Sequence[np.ndarray],
        edge_colors: Any,
        alpha: float,
        line_widths: float = 2,
    ) -> None:
        """Draw closed lines through points (N, 2), in one colour or one for each."""
        each = isinstance(edge_colors, list)
        colors = edge_colors if each else [edge_colors] * len(polygons)
        most = max(np.sqrt(self.height * self.width) // 90, 10) / 4
        width = int(self.pixels(min(max(line_widths, 1), most)))
        points = [np.asarray(polygon).astype(np.int32) for polygon in polygons]
        self._lines.append((points, [rgb(color) for color in colors], width, alpha))

    def draw_binary_masks(
        self, binary_masks: Sequence[np.ndarray], colors: list, alphas: float
    ) -> None:
        """Colour where masks, each (H, W) of bool, are true."""
        for mask, color in zip(binary_masks, colors, strict=True):
            self.tint(mask, region(mask), color, alphas)

    def tint(
        self, mask: np.ndarray, part: tuple[slice, slice], color: Any, alpha: float
    ) -> None:
        """Colour a part of the image where a mask, (H, W) of bool, is true."""
        tinted = cv2.convertScaleAbs(self._image[part], alpha=1 - alpha)
        tinted = cv2.add(tinted, (*(alpha * channel for channel in rgb(color)), 0))
        cv2.copyTo(tinted, mask[part].view(np.uint8), self._image[part])

    def draw_texts(
        self,
        texts: str,
        positions: Any,
        colors: Any,
        font_sizes: float,
        bboxes: list[dict],
        horizontal_alignments: str = 'left',
    ) -> None:
        """Write one text in its box; its position is the upper corner or the middle."""
        (box,) = bboxes
        size, margin = self.pixels(font_sizes), self.pixels(box['pad'])
        shade = rgb(box['facecolor'])
        pen = Pen(size, rgb(colors), shade, box['alpha'], margin)
        patch = written(texts, pen)
        left = positions[0]
        if horizontal_alignments == 'center':
            left = left - patch.shape[1] / 2
        self.put(patch, left - margin, positions[1] - margin)

    def put(self, patch: np.ndarray, left: float, top: float) -> None:
        """Lay a patch over everything else when the image is asked for."""
        self._texts.append((patch, int(left), int(top)))

    def pixels(self, points: float) -> float:
        """Return a length of matplotlib's in pixels."""
        return points * self.dpi / 72


def rgb(color: Any) -> tuple[int, ...]:
    """Return a colour as matplotlib or the toolboxes write it in numbers 0 to 255."""
    return tuple(round(255 * part) for part in to_rgb(color_val_matplotlib(color)))


def region(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns, one at least, outside of which a mask is empty."""
    # argmax stops at the first pixel of a row: most of a large mask is not read twice.
    rows = np.flatnonzero(mask.argmax(1) | mask[:, 0])
    if len(rows) == 0:
        return slice(0, 1), slice(0, 1)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, _, width, _ = cv2.boundingRect(mask[top:bottom].view(np.uint8))
    return slice(top, bottom), slice(left, left + width)


class Pen(NamedTuple):
    """A pen describes how a text is written in its box; lengths are pixels.

    Attributes:
        size: Of the font.
        color: Of the letters.
        shade: Colour of the box.
        alpha: Opacity of the box, 0 to 1.
        margin: Of the box around the letters.
        radius: Of the box's corners.
        family: Of the font.
    """

    size: float
    color: tuple[int, ...]
    shade: tuple[int, ...]
    alpha: float
    margin: float
    radius: float = 0
    family: str = 'sans-serif'


@functools.lru_cache(maxsize=4096)
def written(text: str, pen: Pen) -> np.ndarray:
    """Write a text in its box: a patch of pixels (h, w, 4), RGBA."""
    path = findfont(FontProperties([pen.family]))
    font = ImageFont.truetype(path, max(1, round(pen.size)))
    measure = ImageDraw.Draw(Image.new('L', (1, 1)))
    apart: dict[str, Any] = dict(
        font=font, spacing=pen.size / 4
    )  # lines, as matplotlib's
    left, top, right, bottom = measure.textbbox((0, 0), text, **apart)
    # Boxes are of one height, whatever the letters.
    _, high, _, low = measure.textbbox((0, 0), 'lp', font)
    top, bottom, margin = min(top, high), max(bottom, low), round(pen.margin)
    width, height = (int(x) + 2 * margin for x in (right - left, bottom - top))
    patch = Image.new('RGBA', (width, height))
    brush = ImageDraw.Draw(patch)
    shade = (*pen.shade, round(255 * pen.alpha))
    brush.rounded_rectangle((0, 0, width - 1, height - 1), pen.radius, shade)
    brush.text((margin - left, margin - top), text, (*pen.color, 255), **apart)
    return np.asarray(patch)


def _lay(patch: np.ndarray, image: np.ndarray, x: int, y: int) -> None:
    """Lay a patch over an image, its corner at x, y; what is outside is left out."""
    left, top = max(x, 0), max(y, 0)
    part = image[top : max(y + patch.shape[0], 0), left : max(x + patch.shape[1], 0)]
    height, width = part.shape[:2]
    over = patch[top - y : top - y + height, left - x : left - x + width]
    share = over[..., 3:] / 255
    part[:] = np.rint(part * (1 - share) + over[..., :3] * share)
