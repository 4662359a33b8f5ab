"""This package describes OpenMMLab's toolboxes, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .mmdet import MMDet
from .mmpose import MMPose
from .mmpretrain import MMPretrain
from .mmseg import MMSeg
from .toolbox import DataSet, Package, Toolbox, name_of

__all__ = ['TOOLBOXES', 'DataSet', 'Package', 'Toolbox', 'name_of', 'toolbox_of']

_ALL: tuple[Toolbox, ...] = (MMDet(), MMSeg(), MMPose(), MMPretrain())
TOOLBOXES: dict[str, Toolbox] = {toolbox.name: toolbox for toolbox in _ALL}


def toolbox_of(cfg: Mapping[str, Any]) -> Toolbox | None:
    """Return the toolbox of a config, by its `default_scope`; None without one."""
    return TOOLBOXES.get(cfg.get('default_scope') or '')
