"""Nothing passes into pycocotools that its C code cannot bear, or that is NaN.

`mending` applies this to the modules of pycocotools whenever they are imported.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..data.coco_masks import fault_of_outline, fault_of_runs, fault_of_size
from ..data.coco_numbers import fault_of_numbers
from ..errors import UserError


def check_numbers(module: Any) -> None:
    """Let `COCO` refuse an annotation file with numbers that are not finite."""
    kind = module.COCO
    begin = kind.__init__

    @functools.wraps(begin)
    def checked(self: Any, annotation_file: Any = None, *args: Any, **options: Any):
        begin(self, annotation_file, *args, **options)
        records = self.dataset.get('annotations') if annotation_file else None
        fault = fault_of_numbers(records) if isinstance(records, list) else ''
        if fault:
            raise UserError(f'{annotation_file}: {fault}')

    kind.__init__ = checked


def check_masks(module: Any) -> None:
    """Let the functions on masks look at what they get before C code does."""
    for name in ('decode', 'merge', 'area', 'toBbox', 'iou'):
        setattr(module, name, _guarded(getattr(module, name)))
    module.frPyObjects = _guarded_forms(module.frPyObjects)


def _guarded(function: Callable) -> Callable:
    """Return a function that looks at the run lengths among its arguments."""

    @functools.wraps(function)
    def guarded(*args: Any, **options: Any) -> Any:
        for each in (*args, *options.values()):
            _refuse_runs(each)
        return function(*args, **options)

    return guarded


def _guarded_forms(function: Callable) -> Callable:
    """Return a `frPyObjects` that looks at what is to become run lengths."""

    @functools.wraps(function)
    def guarded(pyobj: Any, h: Any, w: Any) -> Any:
        _refuse(fault_of_size([h, w]))
        least = 4 if hasattr(pyobj, 'shape') else 6  # an array has boxes
        for each in _parts(pyobj):
            if isinstance(each, dict):
                _refuse(_fault_of_other_size(each, h, w) or fault_of_runs(each))
            else:
                _refuse(fault_of_outline(each, least))
        return function(pyobj, h, w)

    return guarded


def _parts(forms: Any) -> Sequence[Any]:
    """Return the polygons, boxes or run lengths in what `frPyObjects` takes."""
    several = not isinstance(forms, dict) and len(forms) > 0
    return forms if several else [forms]


def _fault_of_other_size(mask: dict, height: int, width: int) -> str:
    size = mask.get('size')
    if not isinstance(size, list) or size == [height, width]:
        return ''
    return f'its size is {size}, that of the picture {[height, width]}'


def _refuse_runs(masks: Any) -> None:
    """Refuse run lengths that are damaged; boxes, of which `iou` knows, may pass."""
    for mask in masks if isinstance(masks, list) else [masks]:
        if isinstance(mask, dict):
            _refuse(fault_of_runs(mask))


def _refuse(fault: str) -> None:
    if fault:
        raise UserError(f'a mask cannot be read: {fault}')
