"""Released packages get fixes for what fails with today's libraries or odd files.

A module is fixed whenever somebody imports it; the fix itself imports nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .coco_doors import check_masks, check_numbers


def mend_circles(module: ModuleType) -> None:
    """Let mmpose 1.3.2 draw key points with NumPy from 2.4 on.

    It gives OpenCV a radius that is an array, and this NumPy does not turn an array of
    one element into a number.
    """
    visualizer = module.OpencvBackendVisualizer
    draw = visualizer.draw_circles

    @functools.wraps(draw)
    def draw_circles(self: Any, center: Any, radius: Any, *args: Any, **options: Any):
        if self.backend == 'opencv' and getattr(radius, 'ndim', 0) == 1:
            radius = radius[0]
        return draw(self, center, radius, *args, **options)

    visualizer.draw_circles = draw_circles


def mend_cascades(module: ModuleType) -> None:
    """Let mmseg 1.2.2 predict with a cascade of heads with one output channel.

    It asks the list of heads for the threshold, which each head has for itself.
    """
    segmentor = module.CascadeEncoderDecoder
    build = segmentor._init_decode_head

    @functools.wraps(build)
    def _init_decode_head(self: Any, decode_head: Any) -> None:
        build(self, decode_head)
        self.decode_head.threshold = self.decode_head[-1].threshold

    segmentor._init_decode_head = _init_decode_head


MENDED: dict[str, Callable[[ModuleType], None]] = {
    'mmpose.visualization.opencv_backend_visualizer': mend_circles,
    'mmseg.models.segmentors.cascade_encoder_decoder': mend_cascades,
    'pycocotools.coco': check_numbers,
    'pycocotools.mask': check_masks,
}


class _Mended(Loader):
    """This loader loads a module as its own loader does, then fixes it."""

    def __init__(self, theirs: Loader) -> None:
        self.theirs = theirs

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.theirs.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.theirs.exec_module(module)
        MENDED[module.__name__](module)


class MendingFinder(MetaPathFinder):
    """This finder finds the modules of `MENDED` before the usual finder does."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Return a spec for a module of `MENDED`, and None for any other."""
        if fullname not in MENDED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Mended(spec.loader)
        return spec
