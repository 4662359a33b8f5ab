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
from .contract import (
    InitCfg,
    ToolboxHRNet,
    arguments_of,
    pass_for,
    replace,
)
from .named_parts import Named, name_parts


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

    @arguments_of(hrnet.HRNet)
    def __init__(
        self,
        *,
        arch: str,
        extra: dict[str, Any] | None,
        init_cfg: InitCfg,
        **arguments: Any,
    ) -> None:
        init_cfg = init_cfg or []  # None means torch's own weights
        super().__init__(self.parse_arch(arch, extra), init_cfg=init_cfg, **arguments)

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

    @arguments_of(hr_fuse.HRFuseScales)
    def __init__(
        self, *, norm_cfg: dict | None, init_cfg: InitCfg, **arguments: Any
    ) -> None:
        init_cfg = init_cfg or []  # None means torch's own weights
        super().__init__(norm_cfg=norm_cfg, init_cfg=init_cfg, **arguments)
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
