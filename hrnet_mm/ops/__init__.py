"""mmcv's compiled operators and xtcocotools, where they are not installed.

`answer_imports` makes `import mmcv._ext` and `import xtcocotools` succeed: torchvision
and pycocotools compute what is asked for. What is installed is used as it is.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .mending import MendingFinder

# A module that may be missing, and ours that has the same names.
ANSWERS = {
    'mmcv._ext': 'hrnet_mm.ops.extension',
    'xtcocotools': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.coco': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.cocoeval': 'hrnet_mm.ops.keypoint_coco',
    'xtcocotools.mask': 'pycocotools.mask',
}


class _Answer(Loader):
    """Loads a module of the wanted name with the content of ours."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        ours = import_module(ANSWERS[module.__name__])
        own = {'__name__', '__spec__', '__loader__', '__package__', '__path__'}
        module.__dict__.update({k: v for k, v in vars(ours).items() if k not in own})


class AnsweringFinder(MetaPathFinder):
    """Answers for modules that no finder before it has found."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Answer for the modules of `ANSWERS`, and for no other."""
        if fullname not in ANSWERS:
            return None
        package = any(name.startswith(f'{fullname}.') for name in ANSWERS)
        origin = ANSWERS[fullname]
        return ModuleSpec(fullname, _Answer(), origin=origin, is_package=package)


def answer_imports() -> None:
    """Find missing operators here from now on, in this process, and mend what is old.

    Cheap: nothing is imported before somebody asks.
    """
    if not any(isinstance(finder, AnsweringFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, MendingFinder())
        sys.meta_path.append(AnsweringFinder())


def is_installed(name: str) -> bool:
    """Tell whether a module of `ANSWERS` is installed, and so not answered here.

    Args:
        name: As `'mmcv._ext'`. Its package is imported where it has one.
    """
    package, _, _ = name.rpartition('.')
    path = getattr(import_module(package), '__path__', None) if package else None
    return PathFinder.find_spec(name, path) is not None
