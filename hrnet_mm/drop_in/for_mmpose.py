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
from ..models.initialization import UNIT_NORMS
from .contract import (
    BATCH_NORM,
    InitCfg,
    ToolboxHRNet,
    initialization,
    pass_for,
    replace,
)

INIT = [dict(type='Normal', std=0.001, layer=['Conv2d']), UNIT_NORMS]


class MMPoseHRNet(ToolboxHRNet, BaseBackbone):
    """This class stands in for mmpose's HRNet.

    It puts out the highest stream alone, unless `extra` asks for all of them.
    """

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = BATCH_NORM,
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        frozen_stages: int = -1,
        init_cfg: InitCfg = INIT,
    ) -> None:
        super().__init__(
            extra,
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            zero_init_residual=zero_init_residual,
            frozen_stages=frozen_stages,
            multiscale_output=False,
            init_cfg=initialization(init_cfg or []),  # None means torch's own weights
        )

    def init_weights(self) -> None:
        """Initialize by `init_cfg`, then by `zero_init_residual`."""
        HRNet.init_weights(self)


pass_for(hrnet, MMPoseHRNet)
replace(MODELS, HRNet=MMPoseHRNet)
