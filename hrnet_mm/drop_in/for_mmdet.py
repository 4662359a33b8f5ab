"""HRNet and HRFPN have the arguments, names and outputs of mmdet's.

Source: mmdet/models/backbones/hrnet.py and necks/hrfpn.py, mmdet 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mmdet.models  # noqa: F401  registers its own first
from mmdet.models.backbones import hrnet
from mmdet.models.necks import hrfpn
from mmdet.registry import MODELS
from torch import Tensor

from ..models import HRFPN
from ..models.initialization import CAFFE2_XAVIER
from .contract import (
    BATCH_NORM,
    InitCfg,
    ToolboxHRNet,
    initialization,
    pass_for,
    replace,
)
from .named_parts import Named, name_parts


class MMDetHRNet(ToolboxHRNet):
    """This class stands in for mmdet's HRNet: nearest, norms in eval mode, a list."""

    container = list

    def __init__(
        self,
        extra: dict[str, Any],
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = BATCH_NORM,
        norm_eval: bool = True,
        with_cp: bool = False,
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
            zero_init_residual=zero_init_residual,
            multiscale_output=multiscale_output,
            init_cfg=initialization(init_cfg, pretrained),
        )
        self.pretrained = pretrained


class MMDetHRFPN(HRFPN, Named):
    """This class stands in for mmdet's HRFPN: no norms, whatever `norm_cfg` says."""

    num_ins = property(lambda self: len(self.in_channels))
    num_outs = property(lambda self: len(self.fpn_convs))
    pooling = property(lambda self: self.pool)

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
        init_cfg: InitCfg = CAFFE2_XAVIER,
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
        name_parts(self, conv_cfg=conv_cfg, norm_cfg=norm_cfg, with_cp=with_cp)

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return all levels of the pyramid, from high to low resolution.

        Args:
            inputs: Streams (N, in_channels[r], H_r, W_r), from high to low resolution.

        Returns:
            `num_outs` maps (N, out_channels, H_i, W_i), see `HRFPN`.
        """
        return super().forward(inputs)


pass_for(hrnet, MMDetHRNet)
hrfpn.HRFPN.register(MMDetHRFPN)
replace(MODELS, HRNet=MMDetHRNet, HRFPN=MMDetHRFPN)
