"""HRNet has the arguments, names and outputs of mmseg's.

Source: mmseg/models/backbones/hrnet.py, mmseg 1.
"""

from __future__ import annotations

from typing import Any

import mmseg.models  # noqa: F401  registers its own first
from mmseg.models.backbones import hrnet
from mmseg.registry import MODELS

from .contract import (
    InitCfg,
    ToolboxHRNet,
    arguments_of,
    initialization,
    pass_for,
    replace,
)


class MMSegHRNet(ToolboxHRNet):
    """This class stands in for mmseg's HRNet: bilinear, a list of streams."""

    container = list

    @arguments_of(hrnet.HRNet)
    def __init__(
        self, *, pretrained: str | None, init_cfg: InitCfg, **arguments: Any
    ) -> None:
        init_cfg = initialization(init_cfg, pretrained)
        super().__init__(**arguments, upsample='bilinear', init_cfg=init_cfg)
        self.pretrained = pretrained


pass_for(hrnet, MMSegHRNet)
replace(MODELS, HRNet=MMSegHRNet)
