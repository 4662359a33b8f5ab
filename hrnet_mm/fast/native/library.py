"""The C++ kernels of this folder are compiled to a library and loaded here.

The user's own compiler makes it, once per machine, for this machine's processor.
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

import torch
from torch import Tensor

from ...errors import UserError
from ...log import print_log

SOURCE_FOLDER = Path(__file__).parent
SOURCES = sorted(SOURCE_FOLDER.glob('*.cpp'))
HEADERS = sorted(SOURCE_FOLDER.glob('*.h'))
OPTIONS = ['-std=c++17', '-O3', '-march=native', '-fopenmp', '-shared', '-fPIC']
ADVICE = (
    'The kernels need a C++17 compiler with OpenMP: install g++ or clang++ '
    "(or name one in the environment variable CXX), or leave out level='max'"
)
SIZE, INT, POINTER = ctypes.c_int64, ctypes.c_int, ctypes.c_void_p
# Type that each function returns, then the types of its arguments.
SIGNATURES: dict[str, list[type[ctypes._SimpleCData] | None]] = {
    'norm_statistics': [None, *[POINTER] * 3, *[SIZE] * 2, INT],
    'norm_apply': [None, *[POINTER] * 4, INT, POINTER, *[SIZE] * 2, INT],
    'norm_gradient_sums': [None, *[POINTER] * 5, INT, *[POINTER] * 2, *[SIZE] * 2, INT],
    'norm_gradient': [None, *[POINTER] * 7, INT, POINTER, *[SIZE] * 2, INT],
    'winograd_packed_size': [SIZE, *[SIZE] * 2],
    'winograd_pack': [None, POINTER, POINTER, INT, *[SIZE] * 6, POINTER, INT],
    'winograd_conv': [None, *[POINTER] * 4, INT, POINTER, *[SIZE] * 5, INT],
    'winograd_weight_grad': [None, *[POINTER] * 6, *[SIZE] * 9, INT],
}


def compiler() -> list[str]:
    """Return the command of the C++ compiler: `$CXX`, c++, g++ or clang++.

    Raises:
        UserError: There is no compiler.
    """
    names = shlex.split(os.environ.get('CXX', ''))
    found = names or [n for n in ('c++', 'g++', 'clang++') if shutil.which(n)][:1]
    if found and shutil.which(found[0]):
        return found
    what = f'CXX is {names[0]}, which is not there' if names else 'no C++ compiler'
    raise UserError(f'{what}. {ADVICE}')


def cache_folder() -> Path:
    """Return the folder of the compiled library, which is in the user's cache."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'hrnet_mm'


def _processor() -> str:
    """Return a description of the processor, on which -march=native depends."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    flags = [x for x in lines if x.startswith(('flags', 'Features', 'model name'))]
    return '\n'.join([platform.machine(), platform.processor(), *flags[:2]])


def library_path(command: list[str]) -> Path:
    """Return the library's file, named after sources, compiler and processor."""
    version = subprocess.run([*command, '--version'], capture_output=True, text=True)
    parts = [
        *(x.read_text() for x in (*SOURCES, *HEADERS)),
        *command,
        *OPTIONS,
        version.stdout,
        _processor(),
    ]
    digest = hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:16]
    return cache_folder() / f'kernels_{digest}.so'


def build(path: Path, command: list[str]) -> None:
    """Compile the library to a temporary file, then move it to its path.

    Several processes that do so at once do not disturb each other.

    Raises:
        UserError: The compiler fails, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix='.so', dir=path.parent)
    except OSError as error:
        raise UserError(
            f'the compiled kernels cannot be kept in {path.parent} ({error.strerror}): '
            'set XDG_CACHE_HOME to a folder that can be written'
        ) from None
    os.close(handle)
    print_log(f'compiling {path}, once for this machine (10 s)')
    try:
        run = [*command, *OPTIONS, *map(str, SOURCES), '-o', name]
        done = subprocess.run(run, capture_output=True, text=True)
        if done.returncode:
            raise UserError(
                f'{shlex.join(run)} failed:\n{done.stderr.strip()[-600:]}\n{ADVICE}'
            )
        content = Path(name).read_bytes()
        Path(name).write_bytes(content + _checksum(content))
        os.replace(name, path)
    except OSError as error:
        raise UserError(
            f'the compiled kernels cannot be kept as {path} ({error.strerror}): remove '
            'what is there, or set XDG_CACHE_HOME to another folder'
        ) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _is_whole(path: Path) -> bool:
    """Tell whether a library ends in the checksum of the rest.

    To load one that is cut off would end the process.
    """
    content = path.read_bytes() if path.is_file() else b''
    end = len(content) - len(_checksum(b''))
    return end > 0 and content[end:] == _checksum(content[:end])


@functools.cache
def load() -> ctypes.CDLL:
    """Load the kernels; the first call on a machine compiles them.

    A library that is damaged is compiled again.

    Raises:
        UserError: The kernels cannot be compiled, or not be loaded.
    """
    command = compiler()
    path = library_path(command)
    if not _is_whole(path):
        if path.exists():
            print_log(f'{path} is damaged or of an older version')
        build(path, command)
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise UserError(f'the compiled kernels cannot be loaded: {error}') from error
    for name, (result, *arguments) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def call(name: str, *arguments: Tensor | int | None) -> int | None:
    """Call a function of the library with torch's number of threads.

    Args:
        name: Key of `SIGNATURES`.
        *arguments: All arguments but the number of threads. A tensor is passed by its
            address: the caller must check its type, size and memory format.
    """
    plain = (a.data_ptr() if isinstance(a, Tensor) else a for a in arguments)
    return getattr(load(), name)(*plain, torch.get_num_threads())


def available() -> bool:
    """Tell whether the kernels are there or can be compiled."""
    try:
        load()
    except UserError:
        return False
    return True
