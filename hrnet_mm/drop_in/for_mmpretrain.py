"""HRNet and HRFuseScales have the arguments, names and outputs of mmpretrain's.

Source: mmpretrain/models/backbones/hrnet.py and necks/hr_fuse.py, mmpretrain 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import mmpretrain.models  # noqa: F401  registers its own first
from mmpretrain.models.backbones import hrnet
from mmpretrain.models.backbones.base_backbone import BaseBackbone
from mmpretrain.models.necks import hr_fuse
from mmpretrain.registry import MODELS
from torch import Tensor

from ..models import ARCHS, HRFuseScales, Stage
from ..models.archs import resolve_arch
from ..models.initialization import DEFAULT_INIT
from .contract import (
    BATCH_NORM,
    InitCfg,
    ToolboxHRNet,
    initialization,
    pass_for,
    replace,
)
from .named_parts import Named, name_parts

INIT: list[dict[str, Any]] = list(DEFAULT_INIT)
FUSE_NORM = dict(BATCH_NORM, momentum=0.1)
FUSE_INIT = dict(type='Normal', layer='Linear', std=0.01)  # it has no linear layer


def written_out(stage: Stage) -> dict[str, Any]:
    """Write a stage as `extra` has it."""
    return dict(
        num_modules=stage.modules,
        num_branches=len(stage.widths),
        block=stage.block.upper(),
        num_blocks=stage.depths,
        num_channels=stage.widths,
    )


class MMPretrainHRNet(ToolboxHRNet, BaseBackbone):
    """This class stands in for mmpretrain's HRNet: `extra` goes before `arch`."""

    arch_zoo: ClassVar = {
        name: [list(written_out(stage).values()) for stage in stages]
        for name, stages in ARCHS.items()
    }

    def __init__(
        self,
        arch: str = 'w32',
        extra: dict[str, Any] | None = None,
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = BATCH_NORM,
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        multiscale_output: bool = True,
        init_cfg: InitCfg = INIT,
    ) -> None:
        super().__init__(
            self.parse_arch(arch, extra),
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            zero_init_residual=zero_init_residual,
            multiscale_output=multiscale_output,
            init_cfg=initialization(init_cfg or []),  # None means torch's own weights
        )

    def parse_arch(
        self, arch: str, extra: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Write out the four stages that an architecture's name stands for.

        Args:
            arch: A name in `arch_zoo`, in any case.
            extra: The four stages, given back where they are known already.

        Raises:
            ValueError: The name is unknown.
        """
        if extra is not None:
            return extra
        stages = resolve_arch(arch.lower())
        return {f'stage{n}': written_out(stage) for n, stage in enumerate(stages, 1)}


class MMPretrainHRFuseScales(HRFuseScales, Named):
    """This class stands in for mmpretrain's HRFuseScales.

    Its convolutions start as torch makes them, since `init_cfg` names linear layers.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int = 2048,
        norm_cfg: dict | None = FUSE_NORM,
        init_cfg: InitCfg = FUSE_INIT,
    ) -> None:
        super().__init__(
            in_channels=in_channels,
            out_channels=out_channels,
            norm_cfg=norm_cfg,
            init_cfg=init_cfg or [],  # None means torch's own weights
        )
        name_parts(self, conv_cfg=None, norm_cfg=norm_cfg, with_cp=False)

    def forward(self, x: Sequence[Tensor]) -> tuple[Tensor]:
        """Return one map of the whole image.

        Args:
            x: Streams (N, in_channels[r], H_r, W_r), from high to low resolution.

        Returns:
            One map (N, out_channels, H_3, W_3), in a tuple.
        """
        return super().forward(x)


pass_for(hrnet, MMPretrainHRNet)
hr_fuse.HRFuseScales.register(MMPretrainHRFuseScales)
replace(MODELS, HRNet=MMPretrainHRNet, HRFuseScales=MMPretrainHRFuseScales)
