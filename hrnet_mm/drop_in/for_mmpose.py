"""HRNet with the arguments, defaults and outputs of mmpose's.

Source: mmpose/models/backbones/hrnet.py, mmpose 1.
"""

from __future__ import annotations

from typing import Any

import mmpose.models  # noqa: F401  registers its own first
from mmpose.registry import MODELS

from ..models import HRNet
from .contract import InitCfg, initialization, replace

INIT = (
    dict(type='Normal', std=0.001, layer=['Conv2d']),
    dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
)


class MMPoseHRNet(HRNet):
    """mmpose's HRNet: the highest stream alone, unless `extra` asks for all of them."""

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        frozen_stages: int = -1,
        init_cfg: InitCfg = INIT,
    ) -> None:
        super().__init__(
            extra=extra,
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            zero_init_residual=zero_init_residual,
            frozen_stages=frozen_stages,
            multiscale_output=False,
            init_cfg=initialization(init_cfg),
        )


replace(MODELS, HRNet=MMPoseHRNet)
