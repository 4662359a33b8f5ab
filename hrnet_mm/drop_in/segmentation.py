"""HRNet with the arguments, defaults and outputs of mmseg's.

Source: mmseg/models/backbones/hrnet.py, mmseg 1.
"""

from __future__ import annotations

from typing import Any

import mmseg.models  # noqa: F401  registers its own first
from mmseg.registry import MODELS
from torch import Tensor

from ..models import HRNet
from .base import InitCfg, initialization, replace


class MMSegHRNet(HRNet):
    """mmseg's HRNet: bilinear, a list of all streams.

    `zero_init_residual` is taken and has no effect, as there.
    """

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        norm_eval: bool = False,
        with_cp: bool = False,
        frozen_stages: int = -1,
        zero_init_residual: bool = False,
        multiscale_output: bool = True,
        pretrained: str | None = None,
        init_cfg: InitCfg = None,
    ) -> None:
        super().__init__(
            extra=extra,
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            frozen_stages=frozen_stages,
            multiscale_output=multiscale_output,
            upsample='bilinear',
            init_cfg=initialization(init_cfg, pretrained),
        )

    # A list, as the toolbox's own class.
    def forward(self, x: Tensor) -> list[Tensor]:  # type: ignore[override]
        """As `HRNet.forward`, in a list."""
        return list(super().forward(x))


replace(MODELS, HRNet=MMSegHRNet)
