"""Torchvision and pycocotools stand in for mmcv's compiled operators and xtcocotools.

`answer_imports` makes `import mmcv._ext` and `import xtcocotools` succeed where they
are not installed. What is installed is used as it is.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .mending import MendingFinder

# Module that may be missing -> module with the same content that replaces it.
ANSWERS = {
    'mmcv._ext': 'hrnet_mm.ops.extension',
    'xtcocotools': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.coco': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.cocoeval': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.mask': 'pycocotools.mask',
}


class _Answer(Loader):
    """This loader fills a module of the wanted name with the content of ours."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        ours = import_module(ANSWERS[module.__name__])
        own = {'__name__', '__spec__', '__loader__', '__package__', '__path__'}
        module.__dict__.update({k: v for k, v in vars(ours).items() if k not in own})


class AnsweringFinder(MetaPathFinder):
    """This finder provides modules that no finder before it has found."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Return a spec for the modules of `ANSWERS`, and None for any other."""
        if fullname not in ANSWERS:
            return None
        package = any(name.startswith(f'{fullname}.') for name in ANSWERS)
        origin = ANSWERS[fullname]
        return ModuleSpec(fullname, _Answer(), origin=origin, is_package=package)


def answer_imports() -> None:
    """Provide missing operators and fix outdated modules in this process, from now on.

    This is cheap: nothing is imported before somebody asks for it.
    """
    if not any(isinstance(finder, AnsweringFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, MendingFinder())
        sys.meta_path.append(AnsweringFinder())
