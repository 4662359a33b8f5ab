"""Convolutions, residual units and streams are the parts that HRNet is built of.

Nothing in this file depends on a stream's resolution. The attribute names are those of
every released checkpoint (`conv1`, `bn1`, `downsample`, ...), whatever layers
`conv_cfg` and `norm_cfg` ask for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

from ..errors import UserError
from .initialization import kaiming, unit_norm

PLAIN_CONVS = (None, 'Conv2d', 'Conv', nn.Conv2d)
PLAIN_NORMS = ('BN', 'BN2d', nn.BatchNorm2d)


class Layers(NamedTuple):
    """A `Layers` builds the convolution and norm layers of one network.

    Conv2d and BatchNorm are built here, all other layers by mmcv; if mmcv is not
    installed, those raise a `UserError`.

    Attributes:
        conv_cfg: OpenMMLab's dict of a convolution layer, None for Conv2d.
        norm_cfg: OpenMMLab's dict of a norm layer, None for no norm.
    """

    conv_cfg: dict[str, Any] | None
    norm_cfg: dict[str, Any] | None

    def conv(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        bias: bool = False,
    ) -> nn.Module:
        """Return a convolution padded so that only `stride` changes the map's size.

        It maps (N, in_channels, H, W) to (N, out_channels, H / stride, W / stride),
        rounded up; `kernel_size` is odd.
        """
        padding = kernel_size // 2
        options: dict[str, Any] = dict(stride=stride, padding=padding, bias=bias)
        kind, own = _read(self.conv_cfg)
        if kind in PLAIN_CONVS:
            return nn.Conv2d(in_channels, out_channels, kernel_size, **options, **own)
        return _of_mmcv('conv', self.conv_cfg)(
            self.conv_cfg, in_channels, out_channels, kernel_size, **options
        )

    def norm(self, channels: int) -> nn.Module:
        """Return a norm layer; `norm_cfg` must not be None."""
        return self.named_norm(channels)[1]

    def named_norm(self, channels: int) -> tuple[str, nn.Module]:
        """Return mmcv's name of a norm layer (`bn`, `gn`, `ln`, ...) and the layer."""
        kind, own = _read(self.norm_cfg)
        if kind not in PLAIN_NORMS:
            return _of_mmcv('norm', self.norm_cfg)(self.norm_cfg, channels)
        requires_grad = own.pop('requires_grad', True)
        return 'bn', nn.BatchNorm2d(channels, **own).requires_grad_(requires_grad)


def _read(config: Any) -> tuple[Any, dict[str, Any]]:
    """Return the type of a layer and its other arguments.

    A config without a type gets the type `'none'`, about which mmcv complains.
    """
    own = dict(config) if isinstance(config, dict) else {}
    return own.pop('type', None if config is None else 'none'), own


def _of_mmcv(sort: str, config: Any) -> Any:
    """Return mmcv's function that builds layers of one sort, `'conv'` or `'norm'`.

    Raises:
        UserError: mmcv is not installed.
    """
    try:
        from mmcv import cnn
    except ImportError as error:
        raise UserError(
            f'{sort}_cfg={config!r} is a layer of mmcv, which cannot be imported '
            f'({error}): pip install mmengine mmcv-lite. Conv2d and BN need neither'
        ) from error
    return getattr(cnn, f'build_{sort}_layer')


class ConvNorm(nn.Sequential):
    """A `ConvNorm` is a convolution (key `0`), a norm (key `1`) and perhaps a ReLU.

    Maps (N, in_channels, H, W) to (N, out_channels, H, W), H and W divided by `stride`
    and rounded up.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        layers: Layers,
        *,
        stride: int = 1,
        relu: bool = False,
    ) -> None:
        super().__init__(
            layers.conv(in_channels, out_channels, kernel_size, stride),
            layers.norm(out_channels),
            *([nn.ReLU(inplace=True)] if relu else []),
        )


class ConvLayer(nn.Module):
    """A `ConvLayer` is a convolution and, as asked for, a norm and a ReLU.

    The keys (`conv`, `bn`), the initial weights and the bias where no norm follows are
    those of ConvModule, which OpenMMLab's classes have in these places.

    Maps (N, in_channels, H, W) to (N, out_channels, H, W), H and W divided by `stride`
    and rounded up.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        layers: Layers,
        *,
        stride: int = 1,
        relu: bool = False,
    ) -> None:
        super().__init__()
        self.with_norm = layers.norm_cfg is not None
        self.with_activation = relu
        self.conv = layers.conv(
            in_channels, out_channels, kernel_size, stride, bias=not self.with_norm
        )
        self.norm_name = None
        if self.with_norm:
            self.norm_name, norm = layers.named_norm(out_channels)
            self.add_module(self.norm_name, norm)
        if relu:
            self.activate = nn.ReLU(inplace=True)
        self.init_weights()

    @property
    def norm(self) -> nn.Module | None:
        """Return the norm layer whatever its key is, or None if there is none."""
        return getattr(self, self.norm_name) if self.norm_name else None

    def init_weights(self) -> None:
        """Initialize as mmcv does; a convolution with `init_weights` keeps its own."""
        if not hasattr(self.conv, 'init_weights'):
            kaiming(self.conv)
        if self.norm is not None:
            unit_norm(self.norm)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        if self.norm is not None:
            out = self.norm(out)
        return self.activate(out) if self.with_activation else out


def shortcut(
    in_channels: int, out_channels: int, layers: Layers, stride: int
) -> nn.Module:
    """Return the layer that maps a residual unit's input to the addend of its output.

    It is the identity if shapes agree, else a 1x1 convolution and a norm.
    """
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    # (N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride)
    return ConvNorm(in_channels, out_channels, 1, layers, stride=stride)


class BasicBlock(nn.Module):
    """A basic block is a residual unit of two 3x3 convolutions.

    Maps (N, in_channels, H, W) to (N, width, H, W), H and W divided by `stride`.
    """

    expansion = 1

    def __init__(
        self, in_channels: int, width: int, layers: Layers, stride: int = 1
    ) -> None:
        super().__init__()
        self.conv1 = layers.conv(in_channels, width, 3, stride)
        self.bn1 = layers.norm(width)
        self.conv2 = layers.conv(width, width, 3)
        self.bn2 = layers.norm(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(in_channels, width, layers, stride)

    @property
    def last_norm(self) -> nn.Module:
        """Return the norm before the sum; at zero weights only the shortcut is left."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        # (N, in_channels, H, W) -> (N, width, H / stride, W / stride)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        # The addend has the shape of `out`; the ReLU follows the sum.
        out += self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """A bottleneck is a residual unit 1x1, 3x3, 1x1 whose last convolution widens by 4.

    Maps (N, in_channels, H, W) to (N, 4 * width, H, W), H and W divided by `stride`.
    """

    expansion = 4

    def __init__(
        self, in_channels: int, width: int, layers: Layers, stride: int = 1
    ) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = layers.conv(in_channels, width, 1)
        self.bn1 = layers.norm(width)
        self.conv2 = layers.conv(width, width, 3, stride)
        self.bn2 = layers.norm(width)
        self.conv3 = layers.conv(width, out_channels, 1)
        self.bn3 = layers.norm(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(in_channels, out_channels, layers, stride)

    @property
    def last_norm(self) -> nn.Module:
        """Return the norm before the sum; at zero weights only the shortcut is left."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        # (N, in_channels, H, W) -> (N, width, H, W)
        out = self.relu(self.bn1(self.conv1(x)))
        # -> (N, width, H / stride, W / stride): the 3x3 convolution has the stride
        out = self.relu(self.bn2(self.conv2(out)))
        # -> (N, 4 * width, H / stride, W / stride), the shape of the addend
        out = self.bn3(self.conv3(out))
        out += self.downsample(x)
        return self.relu(out)


BLOCKS: dict[str, type[BasicBlock] | type[Bottleneck]] = {
    'basic': BasicBlock,
    'bottleneck': Bottleneck,
}


def stream(
    block: str,
    in_channels: int,
    width: int,
    depth: int,
    layers: Layers,
    stride: int = 1,
) -> nn.Sequential:
    """Return residual units in sequence, the first of which changes width and size.

    They map (N, in_channels, H, W) to (N, width * expansion, H, W), H and W divided by
    `stride`.

    Args:
        block: Key of `BLOCKS`.
        in_channels: Channels of the input.
        width: Channels of each unit before its expansion.
        depth: Number of units, at least 1.
        layers: Kinds of convolution and norm layers.
        stride: Stride of the first unit.
    """
    unit = BLOCKS[block]
    # The first unit reads in_channels; the others keep width * expansion and the size.
    inputs = [in_channels] + [width * unit.expansion] * (depth - 1)
    strides = [stride] + [1] * (depth - 1)
    return nn.Sequential(
        *(
            unit(channels, width, layers, step)
            for channels, step in zip(inputs, strides, strict=True)
        )
    )
