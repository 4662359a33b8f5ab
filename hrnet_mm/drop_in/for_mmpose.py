"""HRNet has the arguments, names and outputs of mmpose's.

Source: mmpose/models/backbones/hrnet.py, mmpose 1.
"""

from __future__ import annotations

from typing import Any

import mmpose.models  # noqa: F401  registers its own first
from mmpose.models.backbones import hrnet
from mmpose.models.backbones.base_backbone import BaseBackbone
from mmpose.registry import MODELS

from ..models import HRNet
from .contract import (
    InitCfg,
    ToolboxHRNet,
    arguments_of,
    pass_for,
    replace,
)


class MMPoseHRNet(ToolboxHRNet, BaseBackbone):
    """This class stands in for mmpose's HRNet.

    It puts out the highest stream alone, unless `extra` asks for all of them.
    """

    @arguments_of(hrnet.HRNet)
    def __init__(self, *, init_cfg: InitCfg, **arguments: Any) -> None:
        init_cfg = init_cfg or []  # None means torch's own weights
        super().__init__(**arguments, multiscale_output=False, init_cfg=init_cfg)

    def init_weights(self) -> None:
        """Initialize by `init_cfg`, then by `zero_init_residual`."""
        HRNet.init_weights(self)


pass_for(hrnet, MMPoseHRNet)
replace(MODELS, HRNet=MMPoseHRNet)
