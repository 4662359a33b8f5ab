"""HRNet has the arguments, names and outputs of mmseg's.

Source: mmseg/models/backbones/hrnet.py, mmseg 1.
"""

from __future__ import annotations

from typing import Any

import mmseg.models  # noqa: F401  registers its own first
from mmseg.models.backbones import hrnet
from mmseg.registry import MODELS

from .contract import (
    BATCH_NORM,
    InitCfg,
    ToolboxHRNet,
    initialization,
    pass_for,
    replace,
)

TRAINED_NORM = dict(BATCH_NORM, requires_grad=True)


class MMSegHRNet(ToolboxHRNet):
    """This class stands in for mmseg's HRNet: bilinear, a list of streams."""

    container = list

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = TRAINED_NORM,
        norm_eval: bool = False,
        with_cp: bool = False,
        frozen_stages: int = -1,
        zero_init_residual: bool = False,
        multiscale_output: bool = True,
        pretrained: str | None = None,
        init_cfg: InitCfg = None,
    ) -> None:
        super().__init__(
            extra,
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            frozen_stages=frozen_stages,
            zero_init_residual=zero_init_residual,
            multiscale_output=multiscale_output,
            upsample='bilinear',
            init_cfg=initialization(init_cfg, pretrained),
        )
        self.pretrained = pretrained


pass_for(hrnet, MMSegHRNet)
replace(MODELS, HRNet=MMSegHRNet)
