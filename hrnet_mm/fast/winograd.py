"""3x3 convolutions with 2.25 times fewer multiplications, on the CPU in float32.

Winograd's F(2x2, 3x3); Lavin and Gray, arXiv 1509.09308. `winograd.h` beside this file
has the mathematics. The user's own compiler makes a library of it, once per machine.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.logging import print_log
from torch import Tensor

from ..errors import UserError

SOURCES = [
    Path(__file__).with_name(f'winograd{x}') for x in ('.cpp', '_grad.cpp', '.h')
]
OPTIONS = ['-std=c++17', '-O3', '-march=native', '-fopenmp', '-shared', '-fPIC']
ADVICE = (
    'The Winograd kernel needs a C++17 compiler with OpenMP: install g++ or clang++ '
    "(or name one in the environment variable CXX), or leave out level='max'"
)
SIZES = [ctypes.c_int64] * 5
POINTER = ctypes.c_void_p


class PackedWeight(NamedTuple):
    """A weight as the kernel reads it.

    Args:
        data: Its numbers in the kernel's order.
        channels: Input channels (C) and output channels (K) of the convolution.
    """

    data: Tensor
    channels: tuple[int, int]


def compiler() -> list[str]:
    """The command of the C++ compiler: `$CXX`, or c++, or g++.

    Raises:
        UserError: There is none.
    """
    names = shlex.split(os.environ.get('CXX', ''))
    found = names or [n for n in ('c++', 'g++', 'clang++') if shutil.which(n)][:1]
    if found and shutil.which(found[0]):
        return found
    what = f'CXX is {names[0]}, which is not there' if names else 'no C++ compiler'
    raise UserError(f'{what}. {ADVICE}')


def cache_folder() -> Path:
    """Where the compiled library lies: the user's cache."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'hrnet_mm'


def _processor() -> str:
    """What -march=native looks at."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    flags = [x for x in lines if x.startswith(('flags', 'Features', 'model name'))]
    return '\n'.join([platform.machine(), platform.processor(), *flags[:2]])


def library_path(command: list[str]) -> Path:
    """The library's file; another source, compiler or processor has another name."""
    version = subprocess.run([*command, '--version'], capture_output=True, text=True)
    parts = [
        *(x.read_text() for x in SOURCES),
        *command,
        *OPTIONS,
        version.stdout,
        _processor(),
    ]
    digest = hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:16]
    return cache_folder() / f'winograd_{digest}.so'


def build(path: Path, command: list[str]) -> None:
    """Compile the library; several processes at once do not disturb each other.

    Raises:
        UserError: The compiler refuses, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix='.so', dir=path.parent)
    except OSError as error:
        raise UserError(
            f'the compiled kernel cannot be kept in {path.parent} ({error.strerror}): '
            'set XDG_CACHE_HOME to a folder that can be written'
        ) from None
    os.close(handle)
    print_log(f'compiling {path}, once for this machine (10 s)', 'current')
    try:
        run = [*command, *OPTIONS, *map(str, SOURCES[:2]), '-o', name]
        done = subprocess.run(run, capture_output=True, text=True)
        if done.returncode:
            raise UserError(
                f'{shlex.join(run)} failed:\n{done.stderr.strip()[-600:]}\n{ADVICE}'
            )
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


@functools.cache
def load() -> ctypes.CDLL:
    """The kernel; the first call on a machine compiles it.

    Raises:
        UserError: It cannot be compiled.
    """
    command = compiler()
    path = library_path(command)
    if not path.exists():
        build(path, command)
    library = ctypes.CDLL(str(path))
    library.winograd_packed_size.argtypes = SIZES[:2]
    library.winograd_packed_size.restype = ctypes.c_int64
    pack, conv = library.winograd_pack, library.winograd_conv
    pack.argtypes = [POINTER, *SIZES, ctypes.c_int64, POINTER, ctypes.c_int]
    conv.argtypes = [*[POINTER] * 4, ctypes.c_int, POINTER, *SIZES, ctypes.c_int]
    grad = library.winograd_weight_grad
    grad.argtypes = [*[POINTER] * 3, *SIZES, ctypes.c_int]
    pack.restype = conv.restype = grad.restype = None
    return library


def available() -> bool:
    """Whether the kernel is there or can be compiled."""
    try:
        load()
    except UserError:
        return False
    return True


def transform_weight(weight: Tensor, *, transposed: bool = False) -> PackedWeight:
    """Pack a weight for `conv3x3`.

    Args:
        weight: (K, C, 3, 3) float32 on the CPU, in any memory format.
        transposed: Pack what maps the gradient of the output to that of the input.
    """
    outputs, inputs = weight.shape[:2]
    strides = weight.stride()
    first = weight.data_ptr()
    if transposed:
        # Channels change places, and both axes are read from their ends.
        outputs, inputs = inputs, outputs
        k, c, i, j = strides
        strides = (c, k, -i, -j)
        first += 2 * (i + j) * weight.element_size()
    library = load()
    size = library.winograd_packed_size(inputs, outputs)
    data = torch.empty(size, dtype=torch.float32)
    threads = torch.get_num_threads()
    library.winograd_pack(first, inputs, outputs, *strides, data.data_ptr(), threads)
    return PackedWeight(data, (inputs, outputs))


def conv3x3(
    x: Tensor,
    packed: PackedWeight,
    bias: Tensor | None = None,
    add: Tensor | None = None,
    relu: bool = False,
) -> Tensor:
    """Convolution of stride 1 and padding 1, and what follows it; no gradients.

    Args:
        x: (N, C, H, W) float32 on the CPU, H and W at least 1.
        packed: From `transform_weight`.
        bias: (K,) float32.
        add: Added to the output, of its shape and type.
        relu: Whether a ReLU follows.

    Returns:
        (N, K, H, W) in channels-last order.
    """
    inputs, outputs = packed.channels
    shape = (x.shape[0], outputs, *x.shape[2:])
    _check(x, (x.shape[0], inputs, *x.shape[2:]), 'x')
    if add is not None:
        _check(add, shape, 'add')
        add = add.contiguous(memory_format=torch.channels_last)
    if bias is not None:
        _check(bias, (outputs,), 'bias')
        bias = bias.contiguous()
    x = x.contiguous(memory_format=torch.channels_last)
    out = torch.empty(shape, dtype=x.dtype, memory_format=torch.channels_last)
    load().winograd_conv(
        x.data_ptr(),
        packed.data.data_ptr(),
        None if bias is None else bias.data_ptr(),
        None if add is None else add.data_ptr(),
        relu,
        out.data_ptr(),
        shape[0],
        inputs,
        *shape[1:],
        torch.get_num_threads(),
    )
    return out


def conv3x3_weight_grad(x: Tensor, grad: Tensor) -> Tensor:
    """Gradient of the weight of a convolution of stride 1 and padding 1.

    Args:
        x: The convolution's input, (N, C, H, W) float32 on the CPU.
        grad: Gradient of its output, (N, K, H, W).

    Returns:
        (K, C, 3, 3) in channels-last order.
    """
    n, inputs, height, width = x.shape
    outputs = grad.shape[1]
    _check(x, x.shape, 'x')
    _check(grad, (n, outputs, height, width), 'grad')
    x = x.contiguous(memory_format=torch.channels_last)
    grad = grad.contiguous(memory_format=torch.channels_last)
    out = torch.empty(inputs, 3, 3, outputs, dtype=x.dtype)
    load().winograd_weight_grad(
        x.data_ptr(),
        grad.data_ptr(),
        out.data_ptr(),
        n,
        inputs,
        outputs,
        height,
        width,
        torch.get_num_threads(),
    )
    return out.permute(3, 0, 1, 2).contiguous(memory_format=torch.channels_last)


def _check(tensor: Tensor, shape: tuple[int, ...], name: str) -> None:
    """The kernel reads memory by these: a wrong one would crash.

    Raises:
        ValueError: Another shape, type or device.
    """
    right = tensor.dtype == torch.float32 and tensor.device.type == 'cpu'
    if tensor.shape != shape or not right:
        raise ValueError(
            f'{name} is {tuple(tensor.shape)} {tensor.dtype} on {tensor.device}, '
            f'expected {shape} torch.float32 on the CPU'
        )
