"""Switch a model to the faster arithmetic."""

from __future__ import annotations

import copyreg
import functools
import logging
import sys
from typing import Literal, get_args

import torch
from torch import nn

from ..errors import UserError
from ..log import print_log
from ..models.hrnet import ExchangeUnit, HRNet, MultiResolutionModule
from ..models.layers import BasicBlock, Bottleneck, ConvLayer, ConvNorm
from ..models.representation import HRFPN
from . import library
from .hrnet import FastExchangeUnit, FastHRNet, FastMultiResolutionModule
from .layers import (
    Fast,
    FastBasicBlock,
    FastBottleneck,
    FastConvLayer,
    FastConvNorm,
    FastSequence,
    Settings,
)
from .memory_format import channels_last
from .representation import FastHRFPN

Level = Literal['default', 'max']
LEVELS = get_args(Level)
OLDEST_TORCH = (2, 4)

REPLACEMENTS: dict[type[nn.Module], type[Fast]] = {
    ConvLayer: FastConvLayer,
    ConvNorm: FastConvNorm,
    BasicBlock: FastBasicBlock,
    Bottleneck: FastBottleneck,
    nn.Sequential: FastSequence,
    ExchangeUnit: FastExchangeUnit,
    MultiResolutionModule: FastMultiResolutionModule,
    HRNet: FastHRNet,
    HRFPN: FastHRFPN,
}


def optimize(
    model: nn.Module,
    *,
    inference: bool = False,
    level: Level = 'default',
    dtype: torch.dtype | None = None,
    compile: bool = False,
) -> nn.Module:
    """Make a model faster and smaller in memory; the results are equal up to rounding.

    Everything of it that this package knows is switched, in place: our HRNet and HRFPN,
    mmcv's convolution modules, mmseg's FCN head; alone, in a Sequential, or anywhere in
    a detector, segmentor or pose estimator. Parameters, buffers, keys and hooks stay:
    checkpoints, optimizers and wrappers for several processes notice nothing, and
    weights that are loaded or trained later count. The arithmetic follows the modes:
    frozen norms are folded into their convolutions, and norms that use the batch's
    statistics are computed twice in place of being stored.

    Args:
        model: Any module.
        inference: Set eval mode, too.
        level: `'default'` needs nothing. `'max'` adds C++ kernels for float32 on
            the CPU: 3x3 convolutions by Winograd's algorithm, and norms with the
            batch's statistics. The compiler makes them once per machine, in some
            seconds. On a GPU it computes HRNet's parallel streams at the same time,
            for inference.
        dtype: The type that HRNet, HRFPN and the FCN head compute in, for inference
            alone: torch.bfloat16 is faster where the processor multiplies it, and
            rounds to 3 digits. They take and give float32 as before. For training use
            automatic mixed precision.
        compile: Compile by torch.compile, on a CPU the exchange units, on a GPU whole
            multi-resolution modules; each kind of them once. Another size of images
            compiles once more, to code for any size. On a CPU `level='max'` gains more
            and starts at once: docs/fast.md.

    Returns:
        The model.

    Raises:
        UserError: `level='max'`, but the kernel cannot be compiled; or torch is older
            than 2.4.
        ValueError: An unknown level, or a `dtype` for training.
    """
    check_torch()
    if level not in LEVELS:
        raise ValueError(f'level is one of {", ".join(LEVELS)}, got {level!r}')
    if dtype is not None and not inference:
        raise ValueError(
            f'dtype={dtype} is for inference=True; to train in it, use automatic mixed '
            'precision (--amp, or torch.autocast)'
        )
    if level == 'max' and _on_cpu(model):
        library.load()
    name = type(model).__name__
    channels_last(model)
    most = level == 'max'
    settings = Settings(native=most, side_by_side=most and not compile, dtype=dtype)
    number = _replace(model, settings)
    _report(name, number, level)
    if compile:
        _compile(model)
    if inference:
        model.eval()
    return model


def check_torch() -> None:
    """Raise a UserError where torch has not yet what this package uses."""
    version = tuple(int(part) for part in torch.__version__.split('.')[:2])
    if version < OLDEST_TORCH:
        wanted = '.'.join(map(str, OLDEST_TORCH))
        raise UserError(
            f'faster arithmetic needs torch {wanted} or newer, here is '
            f'{torch.__version__}. Install a newer one, or leave out --fast '
            '(optimize): the results are the same'
        )


def _report(name: str, number: int, level: str) -> None:
    if number:
        print_log(f"{name}: {number} modules are fast (level '{level}')")
        return
    print_log(
        f'{name} has nothing that hrnet_mm.fast knows. Is its backbone hrnet_mm.HRNet? '
        "custom_imports = dict(imports=['hrnet_mm.drop_in']) makes it so",
        logging.WARNING,
    )


def _on_cpu(model: nn.Module) -> bool:
    return any(parameter.device.type == 'cpu' for parameter in model.parameters())


def _replace(model: nn.Module, settings: Settings) -> int:
    """Switch all modules that are known; how many these are."""
    known, number = replacements(), 0
    for module in list(model.modules()):
        fast = fast_class(type(module), known)
        if fast is not None and fast.suits(module):
            fast.adopt(module, settings)
            number += 1
    return number


def fast_class(
    kind: type[nn.Module], known: dict[type[nn.Module], type[Fast]]
) -> type[Fast] | None:
    """The fast class for a class of modules, if there is one.

    A class derived from a known one gets one derived from both, unless it has methods
    of its own that would then not be called.
    """
    if issubclass(kind, Fast):
        return kind
    order = kind.__mro__
    base = next((each for each in order if each in known), None)
    if base is None or base is kind:
        return known.get(kind)
    own = {name for each in order[: order.index(base)] for name in vars(each)}
    return None if own & known[base].replaces() else derived(known[base], kind)


@functools.cache
def derived(fast: type[Fast], kind: type[nn.Module]) -> type[Fast]:
    """Return the class that is derived from both; pickled files call this, too."""
    return _pickled_by_its_bases(type(kind))(f'Fast{kind.__name__}', (fast, kind), {})


@functools.cache
def _pickled_by_its_bases(metaclass: type[type]) -> type[type]:
    """Return a metaclass whose classes pickle writes as the two each is derived from.

    By itself it writes a class as a name in a module, and a derived one has none there.
    """
    made = type(f'Derived{metaclass.__name__}', (metaclass,), {})
    copyreg.pickle(made, lambda each: (derived, each.__bases__))
    return made


def replacements() -> dict[type[nn.Module], type[Fast]]:
    """The fast class of each readable one, of the toolboxes that are in use."""
    known = dict(REPLACEMENTS)
    if 'mmcv.cnn' in sys.modules:
        from .conv_module import ConvModule, FastConvModule

        known[ConvModule] = FastConvModule
    if 'mmseg.models' in sys.modules:
        from .segmentation import FastFCNHead, FCNHead

        known[FCNHead] = FastFCNHead
    return known


def _compile(model: nn.Module) -> None:
    # Measured on a CPU: of a larger part nothing becomes faster, and it takes longer.
    part = ExchangeUnit if _on_cpu(model) else MultiResolutionModule
    for module in model.modules():
        if isinstance(module, part):
            module.compile()
