"""A toolbox's visualizer draws on a canvas of ours, into memory.

The visualizer says what is drawn, where and in which colors. By itself it draws with
matplotlib, or looks at each pixel in Python: of a frame of 1920x1080 that takes 0.2 s
(boxes) to 6 s (label maps), and the picture goes through a PNG file. A copy of it draws
with OpenCV and Pillow, into memory.
"""

from __future__ import annotations

import copy
import functools

from mmengine.visualization import Visualizer

from .canvas import Kept


def on_canvas(visualizer: Visualizer, known: str, canvas: type[Kept]) -> Visualizer:
    """Return a copy of a visualizer that draws on a canvas.

    Args:
        visualizer: Visualizer of a toolbox; it is not changed.
        known: Name of the class that the canvas is written for. How a class of the
            user's draws is its own affair: only the picture is kept.
        canvas: Class that is mixed in.
    """
    made = copy.copy(visualizer)
    kind = type(visualizer)
    chosen = canvas if kind.__name__ == known else Kept
    # Classes are hashable; mypy looks for the __hash__ of their objects.
    made.__class__ = mixed(chosen, kind)  # type: ignore[arg-type]
    return made


@functools.cache
def mixed(canvas: type[Kept], kind: type[Visualizer]) -> type[Visualizer]:
    """Return the class of visualizers of one kind that draw on a canvas."""
    return type(kind.__name__, (canvas, kind), {})
