"""`optimize` switches a model's modules to their faster implementations."""

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
from ..models.heads import HRFPN
from ..models.hrnet import ExchangeUnit, HRNet, MultiResolutionModule
from ..models.layers import BasicBlock, Bottleneck, ConvLayer, ConvNorm
from ..version import torch_is_at_least
from .modules.fast_hrfpn import FastHRFPN
from .modules.fast_hrnet import FastExchangeUnit, FastHRNet, FastMultiResolutionModule
from .modules.fast_layers import (
    Fast,
    FastBasicBlock,
    FastBottleneck,
    FastConvLayer,
    FastConvNorm,
    FastSequence,
    Settings,
)
from .native import library
from .operators.memory_format import channels_last

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
    """Make a model faster and smaller in memory, with results equal up to rounding.

    All modules that this package knows are switched in place: our HRNet and HRFPN,
    mmcv's convolution modules and mmseg's FCN head, whether alone, in a Sequential, or
    anywhere in a detector, segmentor or pose estimator. Parameters, buffers, keys and
    hooks stay the same: checkpoints, optimizers and wrappers for several processes
    work as before, and so do weights that are loaded or trained later. The
    implementation follows the modes of the norms: frozen norms are folded into their
    convolutions, and norms that use the batch's statistics are recomputed in the
    backward pass rather than stored.

    Args:
        model: Any module.
        inference: True to set eval mode as well.
        level: `'default'` has no requirements. `'max'` adds C++ kernels for float32 on
            the CPU: 3x3 convolutions by Winograd's algorithm, and norms with the
            batch's statistics. They are compiled once per machine, in 10 seconds.
            On a GPU it runs HRNet's parallel streams concurrently, for inference.
        dtype: Type in which HRNet, HRFPN and the FCN head compute, for inference only.
            torch.bfloat16 is faster on processors with instructions for it, and rounds
            to 3 digits. Inputs and outputs stay float32. For training use automatic
            mixed precision.
        compile: True to use torch.compile: on a CPU for the exchange units, on a GPU
            for whole multi-resolution modules. Each kind of them is compiled once, and
            once more, for any size, when images of another size come. On a CPU
            `level='max'` gains more and starts at once: docs/fast.md.

    Returns:
        The model itself.

    Raises:
        UserError: `level='max'`, but the kernels cannot be compiled; or torch is older
            than 2.4.
        ValueError: The level is unknown, or `dtype` is given without `inference`.

    Example:
        >>> import copy
        >>> logging.disable(logging.INFO)  # optimize reports how many modules are fast
        >>> readable = HRNet('w18_small_v1').eval()
        >>> fast = optimize(copy.deepcopy(readable), inference=True)
        >>> logging.disable(logging.NOTSET)
        >>> isinstance(fast, HRNet)
        True
        >>> image = torch.rand(1, 3, 64, 64)
        >>> with torch.no_grad():
        ...     pairs = list(zip(fast(image), readable(image)))
        >>> all(torch.allclose(x, y, rtol=0, atol=1e-5) for x, y in pairs)
        True
        >>> fast.state_dict().keys() == readable.state_dict().keys()
        True
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
    """Check that torch is new enough for the operators that this folder calls.

    Raises:
        UserError: torch is older than `OLDEST_TORCH`.
    """
    if not torch_is_at_least(*OLDEST_TORCH):
        wanted = '.'.join(map(str, OLDEST_TORCH))
        raise UserError(
            f'the optimized form needs torch {wanted} or newer, here is '
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
    """Switch all known modules in place and return how many there are."""
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
    """Return the fast class for a class of modules, or None if there is none.

    A class derived from a known one gets a fast class derived from both, unless it
    overrides methods that the fast class replaces: these would not be called.

    Args:
        kind: Class of a module.
        known: Fast class of each known class, see `replacements`.
    """
    if issubclass(kind, Fast):
        return kind
    order = kind.__mro__
    base = next((each for each in order if each in known), None)
    if base is None or base is kind:
        return known.get(kind)
    own = {name for each in order[: order.index(base)] for name in vars(each)}
    if own & known[base].replaces():
        return None
    # Classes are hashable; mypy looks for the __hash__ of their objects.
    return derived(known[base], kind)  # type: ignore[arg-type]


@functools.cache
def derived(fast: type[Fast], kind: type[nn.Module]) -> type[Fast]:
    """Return the class that is derived from both; pickled files call this, too."""
    # Classes are hashable; mypy looks for the __hash__ of their objects.
    metaclass = _pickled_by_its_bases(type(kind))  # type: ignore[arg-type]
    return metaclass(f'Fast{kind.__name__}', (fast, kind), {})


@functools.cache
def _pickled_by_its_bases(metaclass: type[type]) -> type[type]:
    """Return a metaclass whose classes pickle writes as the two each is derived from.

    By itself it writes a class as a name in a module, and a derived one has none there.
    """
    made = type(f'Derived{metaclass.__name__}', (metaclass,), {})
    copyreg.pickle(made, lambda each: (derived, each.__bases__))
    return made


def replacements() -> dict[type[nn.Module], type[Fast]]:
    """Return the fast class of each readable one.

    Classes of mmcv and mmseg are included if these packages are imported already.
    """
    known = dict(REPLACEMENTS)
    if 'mmcv.cnn' in sys.modules:
        from .modules.fast_conv_module import ConvModule, FastConvModule

        known[ConvModule] = FastConvModule
    if 'mmseg.models' in sys.modules:
        from .modules.fast_fcn_head import FastFCNHead, FCNHead

        known[FCNHead] = FastFCNHead
    return known


def _compile(model: nn.Module) -> None:
    # Measured on a CPU: compiling larger parts takes longer and gains nothing.
    part = ExchangeUnit if _on_cpu(model) else MultiResolutionModule
    for module in model.modules():
        if isinstance(module, part):
            module.compile()
