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
from .contract import (
    InitCfg,
    ToolboxHRNet,
    arguments_of,
    initialization,
    pass_for,
    replace,
)
from .named_parts import Named, name_parts


class MMDetHRNet(ToolboxHRNet):
    """This class stands in for mmdet's HRNet: nearest, norms in eval mode, a list."""

    container = list

    @arguments_of(hrnet.HRNet)
    def __init__(
        self, *, pretrained: str | None, init_cfg: InitCfg, **arguments: Any
    ) -> None:
        super().__init__(**arguments, init_cfg=initialization(init_cfg, pretrained))
        self.pretrained = pretrained


class MMDetHRFPN(HRFPN, Named):
    """This class stands in for mmdet's HRFPN: no norms, whatever `norm_cfg` says."""

    num_ins = property(lambda self: len(self.in_channels))
    num_outs = property(lambda self: len(self.fpn_convs))
    pooling = property(lambda self: self.pool)

    @arguments_of(hrfpn.HRFPN)
    def __init__(
        self,
        *,
        conv_cfg: dict | None,
        norm_cfg: dict | None,
        with_cp: bool,
        **arguments: Any,
    ) -> None:
        super().__init__(conv_cfg=conv_cfg, with_cp=with_cp, **arguments)
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
