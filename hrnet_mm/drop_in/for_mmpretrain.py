"""HRNet and HRFuseScales with the arguments and defaults of mmpretrain's.

Source: mmpretrain/models/backbones/hrnet.py and necks/hr_fuse.py, mmpretrain 1.
"""

from __future__ import annotations

from typing import Any

import mmpretrain.models  # noqa: F401  registers its own first
from mmpretrain.registry import MODELS

from ..models import HRFuseScales, HRNet
from .contract import InitCfg, initialization, replace


class MMPretrainHRNet(HRNet):
    """mmpretrain's HRNet: `arch`, or `extra`, which goes before it.

    `zero_init_residual` is taken and has no effect, as there.
    """

    def __init__(
        self,
        arch: str = 'w32',
        extra: dict[str, Any] | None = None,
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        multiscale_output: bool = True,
        init_cfg: InitCfg = None,
    ) -> None:
        super().__init__(
            arch=None if extra else arch.lower(),
            extra=extra,
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            multiscale_output=multiscale_output,
            init_cfg=initialization(init_cfg),
        )


class MMPretrainHRFuseScales(HRFuseScales):
    """mmpretrain's HRFuseScales, whose convolutions start as torch makes them."""

    def __init__(
        self,
        in_channels: list[int],
        out_channels: int = 2048,
        norm_cfg: dict | None = None,
        init_cfg: InitCfg = (),
    ) -> None:
        super().__init__(
            in_channels=in_channels,
            out_channels=out_channels,
            norm_cfg=norm_cfg,
            init_cfg=list(init_cfg) if isinstance(init_cfg, tuple) else init_cfg,
        )


replace(MODELS, HRNet=MMPretrainHRNet, HRFuseScales=MMPretrainHRFuseScales)
