"""Images go in, pictures and JSON come out, for the configs of all toolboxes."""

# ruff: noqa: F401 (it does not read an __all__ that is made)

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .boxes import DetectorBoxes, FileBoxes, whole_images
    from .inputs import Picture, Pictures, Video, open_input
    from .outputs import Output
    from .predictors import Predictor, UnreadableError
    from .running import infer, print_summary
    from .top_down import PosePredictor, predictor_of

# Module -> its names. Torch and the toolboxes are imported with the first name that
# needs them, so that looking at the files does not wait for them.
_PLACES = {
    'boxes': ('DetectorBoxes', 'FileBoxes', 'whole_images'),
    'inputs': ('Picture', 'Pictures', 'Video', 'open_input'),
    'outputs': ('Output',),
    'top_down': ('PosePredictor', 'predictor_of'),
    'predictors': ('Predictor', 'UnreadableError'),
    'running': ('infer', 'print_summary'),
}

__all__ = sorted(name for names in _PLACES.values() for name in names)


def __getattr__(name: str) -> Any:
    for place, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f'.{place}', __name__), name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
