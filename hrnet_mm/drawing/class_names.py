"""Class names of mmpretrain are written by Pillow."""

from __future__ import annotations

from typing import Any

from .canvas import Canvas, Pen, rgb, written


class ClassNameCanvas(Canvas):
    """This canvas stands in for matplotlib's axes, to which mmpretrain writes."""

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
