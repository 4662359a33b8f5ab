"""HRNet and HRFPN with the arguments, defaults and outputs of mmdet's.

Source: mmdet/models/backbones/hrnet.py and necks/hrfpn.py, mmdet 3.
"""

from __future__ import annotations

from typing import Any

import mmdet.models  # noqa: F401  registers its own first
from mmdet.registry import MODELS
from torch import Tensor

from ..models import HRFPN, HRNet
from .base import InitCfg, initialization, replace


class MMDetHRNet(HRNet):
    """mmdet's HRNet: nearest, norms in eval mode, a list of all streams.

    `zero_init_residual` is taken and has no effect, as there.
    """

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        norm_eval: bool = True,
        with_cp: bool = False,
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
            multiscale_output=multiscale_output,
            init_cfg=initialization(init_cfg, pretrained),
        )

    # A list, as the toolbox's own class.
    def forward(self, x: Tensor) -> list[Tensor]:  # type: ignore[override]
        """As `HRNet.forward`, in a list."""
        return list(super().forward(x))


class MMDetHRFPN(HRFPN):
    """mmdet's HRFPN, which has no norms whatever `norm_cfg` says."""

    def __init__(
        self,
        in_channels: list[int],
        out_channels: int,
        num_outs: int = 5,
        pooling_type: str = 'AVG',
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        with_cp: bool = False,
        stride: int = 1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            in_channels=in_channels,
            out_channels=out_channels,
            num_outs=num_outs,
            pooling_type=pooling_type,
            conv_cfg=conv_cfg,
            with_cp=with_cp,
            stride=stride,
            init_cfg=init_cfg,
        )


replace(MODELS, HRNet=MMDetHRNet, HRFPN=MMDetHRFPN)
