"""HRNet keeps a high resolution from the first to the last layer.

Papers: https://arxiv.org/abs/1902.09212 (HRNetV1) and https://arxiv.org/abs/1908.07919
(HRNetV2, V2p, C). Classes have the papers' terms as names, attributes the keys of the
official checkpoints:

| paper                           | code                       | key             |
|---------------------------------|----------------------------|-----------------|
| stem, two 3x3 convs of stride 2 | `HRNet.stem()`             | conv1 bn1 conv2 bn2 |
| stage 1, bottlenecks            | `HRNet.layer1`             | layer1.K        |
| opening of the next stream      | `Transition`               | transition1-3.R |
| stages 2 to 4                   | `HRNet.stage2` to `stage4` | stage2-4.M      |
| multi-resolution block          | `MultiResolutionModule`    | stageN.M        |
| parallel streams                | `stream()`                 | ...branches.R.K |
| exchange unit, fusion           | `ExchangeUnit`             | ...fuse_layers.R.X |

Streams are numbered r = 0, 1, 2, 3 from high to low resolution, and lists of tensors
are always in that order. Stream r of W-C has C * 2**r channels at 1 / 2**(r + 2) of the
image's size. The keys and their shapes are those of the official code (MIT licence,
Microsoft) and of mmdet, mmseg, mmpose and mmpretrain; the code is our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple, cast

import torch.nn.functional as F
from torch import Tensor, nn

from ..shelves import MODELS
from .archs import Stage, resolve_arch
from .backbone import Backbone, recompute
from .initialization import DEFAULT_INIT
from .layers import ConvNorm, Layers, stream


class Upsample(NamedTuple):
    """An `Upsample` enlarges maps the way a checkpoint was trained.

    Official weights were trained with nearest (pose, classification, detection),
    bilinear (segmentation, faces) and bilinear with aligned corners (OCR)
    interpolation. Their keys are the same, so a checkpoint does not tell which.

    Attributes:
        mode: `'nearest'` or `'bilinear'`.
        align_corners: True or False for `'bilinear'`, None for `'nearest'`.
    """

    mode: str = 'nearest'
    align_corners: bool | None = None

    @classmethod
    def of(cls, spec: str | Mapping[str, Any]) -> Upsample:
        """Read a mode's name or OpenMMLab's `dict(mode=..., align_corners=...)`.

        Raises:
            ValueError: The mode or a key is unknown.
        """
        fields = dict(mode=spec) if isinstance(spec, str) else dict(spec)
        known = set(fields) <= set(cls._fields)
        if not known or fields.get('mode') not in ('nearest', 'bilinear'):
            raise ValueError(
                "upsample is 'nearest', 'bilinear' or "
                f'dict(mode=one of them, align_corners=bool), got {spec!r}'
            )
        if fields['mode'] == 'nearest':
            return cls()
        return cls('bilinear', bool(fields.get('align_corners')))

    def __str__(self) -> str:
        """Return the name that the table of published weights uses."""
        return f'{self.mode}, aligned' if self.align_corners else self.mode

    def __call__(self, x: Tensor, like: Tensor) -> Tensor:
        """Enlarge x, (N, C, h, w), to the height and width of `like`."""
        # (N, C, h, w) -> (N, C, H, W). The factors are 2, 4 or 8 unless sizes were
        # rounded on the way down, so the target size is given, not a factor.
        return F.interpolate(
            x, like.shape[-2:], mode=self.mode, align_corners=self.align_corners
        )


def downsample(
    in_channels: int, out_channels: int, steps: int, layers: Layers, *, relu: bool
) -> nn.Sequential:
    """Return 3x3 convolutions of stride 2 that halve the resolution `steps` times.

    All but the last keep the channels and end in a ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        steps: Number of convolutions, at least 1.
        layers: Kinds of convolution and norm layers.
        relu: True if a ReLU follows the last convolution.
    """
    last = steps - 1
    # Each step: (N, C, H, W) -> (N, C, ceil(H / 2), ceil(W / 2)); only the last one
    # changes the channels.
    return nn.Sequential(
        *(
            ConvNorm(
                in_channels,
                out_channels if step == last else in_channels,
                3,
                layers,
                stride=2,
                relu=relu or step < last,
            )
            for step in range(steps)
        )
    )


def check_number(module: nn.Module, streams: Sequence[Tensor], expected: int) -> None:
    """Raise a ValueError unless a module is given the streams it was built for."""
    if len(streams) != expected:
        raise ValueError(
            f'{type(module).__name__} was built for {expected} streams, got '
            f'{len(streams)}: give one map per stream, from high to low resolution'
        )


class Transition(nn.ModuleList):
    """A `Transition` opens the next stream of lower resolution.

    `self[r]` makes stream r. A stream that goes on is left as it is, or passes a 3x3
    convolution where its width changes. A new stream comes from the lowest one by
    convolutions of stride 2.

    Args:
        old: Channels of each stream before the transition.
        new: Channels of each stream after it, at least as many.
        layers: Kinds of convolution and norm layers.
    """

    def __init__(self, old: Sequence[int], new: Sequence[int], layers: Layers) -> None:
        # (N, old[r], H_r, W_r) -> (N, new[r], H_r, W_r). Published networks change a
        # width here only after stage 1, from 256 or 128 to C.
        kept: list[nn.Module] = [
            nn.Identity()
            if c_in == c_out
            else ConvNorm(c_in, c_out, 3, layers, relu=True)
            for c_in, c_out in zip(old, new[: len(old)], strict=True)
        ]
        # (N, old[-1], H, W) -> (N, new[r], H / 2**steps, W / 2**steps), rounded up;
        # published networks open one stream at a time, so steps is 1.
        opened: list[nn.Module] = [
            downsample(old[-1], channels, steps, layers, relu=True)
            for steps, channels in enumerate(new[len(old) :], start=1)
        ]
        super().__init__(kept + opened)
        self.num_in = len(old)

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Map n streams to at least n streams."""
        check_number(self, streams, self.num_in)
        # Every new stream reads the lowest of the old ones.
        inputs = [*streams, *[streams[-1]] * (len(self) - len(streams))]
        return [convert(x) for convert, x in zip(self, inputs, strict=True)]


class ExchangeUnit(nn.ModuleList):
    """An exchange unit adds all streams to each: out_r = ReLU(sum_x f_xr(in_x)).

    `self[r][x]` is f_xr: strided 3x3 convolutions from a higher resolution (x < r), the
    identity (x = r), a 1x1 convolution and up-sampling from a lower one (x > r). The
    papers up-sample before the 1x1 convolution. With running statistics the order makes
    no difference, since interpolation weights sum to one; this order is cheaper.

    Args:
        channels: Channels of each stream.
        num_out: Number of streams that are put out, from the highest one on.
        upsample: Interpolation of the lower streams.
        layers: Kinds of convolution and norm layers.
    """

    def __init__(
        self, channels: Sequence[int], num_out: int, upsample: Upsample, layers: Layers
    ) -> None:
        super().__init__(
            nn.ModuleList(
                self.connection(channels, x, r, layers) for x in range(len(channels))
            )
            for r in range(num_out)
        )
        self.upsample = upsample

    @staticmethod
    def connection(
        channels: Sequence[int], x: int, r: int, layers: Layers
    ) -> nn.Module:
        """Return the layers of f_xr, which lead from stream x to stream r."""
        if x == r:
            return nn.Identity()
        if x > r:
            # (N, C_x, H_x, W_x) -> (N, C_r, H_x, W_x): `receive` enlarges the result
            return ConvNorm(channels[x], channels[r], 1, layers)
        # (N, C_x, H_x, W_x) -> (N, C_r, H_r, W_r) in r - x halvings. No ReLU at the
        # end: it follows the sum.
        return downsample(channels[x], channels[r], r - x, layers, relu=False)

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Exchange all streams and return the `num_out` highest ones."""
        check_number(self, streams, len(self.row(0)))
        return [self.receive(r, streams) for r in range(len(self))]

    def row(self, r: int) -> nn.ModuleList:
        """Return f_0r, f_1r, ..., by which stream r receives all streams."""
        return cast(nn.ModuleList, self[r])

    def receive(self, r: int, streams: Sequence[Tensor]) -> Tensor:
        """Return out_r, which has the shape of stream r."""
        # All maps have C_r channels from here on. Those from x <= r have the size of
        # stream r; those from x > r are still (N, C_r, H_x, W_x).
        maps = [f_xr(in_x) for f_xr, in_x in zip(self.row(r), streams, strict=True)]
        # (N, C_r, H_x, W_x) -> (N, C_r, H_r, W_r)
        lower = [self.upsample(y, like=streams[r]) for y in maps[r + 1 :]]
        # Summed in the order x = 0, 1, 2, 3; another order would round differently.
        return F.relu(reduce(add, maps[: r + 1] + lower))


class MultiResolutionModule(nn.Module):
    """A multi-resolution module runs parallel streams, then one exchange unit.

    Args:
        stage: Stage that the module belongs to.
        num_out: Number of streams that are put out, from the highest one on.
        upsample: Interpolation of the exchange unit.
        layers: Kinds of convolution and norm layers.
    """

    def __init__(
        self, stage: Stage, num_out: int, upsample: Upsample, layers: Layers
    ) -> None:
        super().__init__()
        channels = stage.out_channels
        sizes = zip(channels, stage.widths, stage.depths, strict=True)
        # stream r: (N, C_r, H_r, W_r) -> the same shape
        self.branches = nn.ModuleList(
            stream(stage.block, c_in, width, depth, layers)
            for c_in, width, depth in sizes
        )
        self.fuse_layers = ExchangeUnit(channels, num_out, upsample, layers)

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        """Map all streams to the `num_out` highest ones; shapes stay the same."""
        check_number(self, streams, len(self.branches))
        pairs = zip(self.branches, streams, strict=True)
        return self.fuse_layers([run(x) for run, x in pairs])


class RecomputedModule(MultiResolutionModule):
    """This multi-resolution module stores only its inputs for the backward pass."""

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        return recompute(self, super().forward, streams)


@MODELS.register_module()
class HRNet(Backbone):
    """HRNet is the High-Resolution Network, the body of HRNetV1, V2, V2p and C.

    Maps images (N, in_channels, H, W) to one map per stream, stream r of shape
    (N, out_channels[r], ceil(H / 2**(r + 2)), ceil(W / 2**(r + 2))). Any size works.

    Args:
        arch: Name in `ARCHS` (`'w32'`, ...) or four `Stage` tuples. Exactly one of
            `arch` and `extra` is given.
        extra: The four stages in OpenMMLab's form. mmpose's keys `upsample` and
            `stage4.multiscale_output` are read and override the arguments.
        in_channels: Channels of the images.
        conv_cfg: mmcv's dict of a convolution layer, None for Conv2d.
        norm_cfg: mmcv's dict of a norm layer.
        norm_eval: See `Backbone`.
        frozen_stages: 0 freezes the stem, n stages 1 to n too; -1 nothing.
        with_cp: True to recompute each multi-resolution module in the backward pass:
            less memory, more time.
        zero_init_residual: See `Backbone`.
        multiscale_output: True to return all streams, False for the highest alone
            (HRNetV1); the last exchange unit then has one output.
        upsample: `'nearest'`, `'bilinear'`, or dict(mode=, align_corners=), as the
            checkpoint was trained (see `Upsample`).
        init_cfg: mmengine's initialization; None for Kaiming (normal, fan out) and unit
            norms.

    Raises:
        ValueError: The architecture, `upsample` or `frozen_stages` is invalid.

    Example:
        >>> import torch
        >>> model = HRNet('w18_small_v1').eval()
        >>> image = torch.rand(1, 3, 64, 90)
        >>> for stream in model(image):
        ...     print(tuple(stream.shape))
        (1, 16, 16, 23)
        (1, 32, 8, 12)
        (1, 64, 4, 6)
        (1, 128, 2, 3)
        >>> model.out_channels
        (16, 32, 64, 128)
        >>> hrnet_v1 = HRNet('w18_small_v1', multiscale_output=False).eval()
        >>> [tuple(stream.shape) for stream in hrnet_v1(image)]
        [(1, 16, 16, 23)]
    """

    def __init__(
        self,
        arch: str | Sequence[Stage] | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
        in_channels: int = 3,
        conv_cfg: dict | None = None,
        norm_cfg: dict | None = None,
        norm_eval: bool = False,
        frozen_stages: int = -1,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        multiscale_output: bool = True,
        upsample: str | Mapping[str, Any] = 'nearest',
        init_cfg: dict | Sequence[dict] | None = None,
    ) -> None:
        super().__init__(
            frozen_stages=frozen_stages,
            norm_eval=norm_eval,
            zero_init_residual=zero_init_residual,
            init_cfg=list(DEFAULT_INIT) if init_cfg is None else init_cfg,
        )
        number = isinstance(in_channels, int) and not isinstance(in_channels, bool)
        if not number or not 0 < in_channels < 2**31:
            raise ValueError(f'in_channels is {in_channels!r}; expected is 1 or more')
        self.arch = resolve_arch(arch, extra)
        if extra is not None:
            upsample = extra.get('upsample', upsample)
            multiscale_output = extra['stage4'].get(
                'multiscale_output', multiscale_output
            )
        self.upsample = Upsample.of(upsample)
        self._build(
            in_channels,
            Layers(conv_cfg, norm_cfg or dict(type='BN')),
            RecomputedModule if with_cp else MultiResolutionModule,
            multiscale_output,
        )
        self.freeze()

    def _build(
        self,
        in_channels: int,
        layers: Layers,
        module: type[MultiResolutionModule],
        multiscale_output: bool,
    ) -> None:
        stage1, stage2, stage3, stage4 = self.arch
        num_out = len(stage4.widths) if multiscale_output else 1
        self.out_channels = stage4.out_channels[:num_out]

        # Stem: (N, in_channels, H, W) -> (N, 64, H/2, W/2) -> (N, 64, H/4, W/4)
        self.conv1 = layers.conv(in_channels, 64, 3, stride=2)
        self.bn1 = layers.norm(64)
        self.conv2 = layers.conv(64, 64, 3, stride=2)
        self.bn2 = layers.norm(64)
        self.relu = nn.ReLU(inplace=True)
        # Stage 1 has one stream and no exchange: (N, 64, H/4, W/4) -> (N, 256, H/4,
        # W/4), or 128 channels for w18_small_v1.
        self.layer1 = stream(
            stage1.block, 64, stage1.widths[0], stage1.depths[0], layers
        )

        def modules(stage: Stage, last_num_out: int) -> nn.Sequential:
            # Only the very last module of HRNetV1 puts out fewer streams than it reads.
            outs = [len(stage.widths)] * (stage.modules - 1) + [last_num_out]
            return nn.Sequential(
                *(module(stage, n, self.upsample, layers) for n in outs)
            )

        def transition(old: Stage, new: Stage) -> Transition:
            return Transition(old.out_channels, new.out_channels, layers)

        # Each transition opens a stream of half the resolution and twice the channels;
        # `forward` has all shapes.
        self.transition1 = transition(stage1, stage2)
        self.stage2 = modules(stage2, len(stage2.widths))
        self.transition2 = transition(stage2, stage3)
        self.stage3 = modules(stage3, len(stage3.widths))
        self.transition3 = transition(stage3, stage4)
        self.stage4 = modules(stage4, num_out)

    @property
    def stages(self) -> list[list[nn.Module]]:
        """Return the stem, then stages 1 to 4 with the transition after each."""
        return [
            [self.conv1, self.bn1, self.conv2, self.bn2],
            [self.layer1, self.transition1],
            [self.stage2, self.transition2],
            [self.stage3, self.transition3],
            [self.stage4],
        ]

    def stem(self, image: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, 64, ceil(H / 4), ceil(W / 4))."""
        # (N, in_channels, H, W) -> (N, 64, H/2, W/2)
        x = self.relu(self.bn1(self.conv1(image)))
        # (N, 64, H/2, W/2) -> (N, 64, H/4, W/4)
        return self.relu(self.bn2(self.conv2(x)))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return one map per stream, see the class.

        The comments give channels and size of each stream for an arch of C channels
        ('w32': C = 32); all sizes are rounded up.
        """
        # (N, in_channels, H, W) -> 64 channels at 1/4 -> 256 at 1/4
        streams = [self.layer1(self.stem(image))]
        # 256 at 1/4 -> C at 1/4, 2C at 1/8; the second stream opens
        streams = self.stage2(self.transition1(streams))
        # -> C at 1/4, 2C at 1/8, 4C at 1/16; the third stream opens
        streams = self.stage3(self.transition2(streams))
        # -> C at 1/4, 2C at 1/8, 4C at 1/16, 8C at 1/32 (HRNetV1: C at 1/4 alone)
        streams = self.stage4(self.transition3(streams))
        return tuple(streams)
