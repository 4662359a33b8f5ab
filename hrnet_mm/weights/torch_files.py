"""Files of torch.save are read: a pickle, and beside it the numbers of the tensors.

The pickle is read as `plain_pickle` does, which no version of torch can: some allow a
file to write where it likes (CVE-2026-24747), all have classes on their list that make
much memory of little, none compares the checksums.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..errors import UserError
from .history import HISTORY
from .plain_pickle import (
    MORE,
    NUMPY,
    PYTHON,
    TIMES,
    Constant,
    Makers,
    Record,
    built,
    natural,
    stand_in,
    unpickled,
)

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001  # of the format before torch 1.6
FLIPPED = (
    'is damaged: {} does not have the checksum that was stored with it. A disk, memory '
    'or a copy has changed bits. Take the file again from where it came from'
)
UNPACKS = (
    'unpacks from {} to {} bytes. torch does not compress, and weights cannot be '
    'compressed so much'
)
# Names of torch's storages, without `Storage`, by the type of their numbers.
KINDS = dict(
    Double=torch.float64,
    Float=torch.float32,
    Half=torch.float16,
    BFloat16=torch.bfloat16,
    Long=torch.int64,
    Int=torch.int32,
    Short=torch.int16,
    Char=torch.int8,
    Byte=torch.uint8,
    Bool=torch.bool,
    ComplexDouble=torch.complex128,
    ComplexFloat=torch.complex64,
    QInt8=torch.qint8,
    QUInt8=torch.quint8,
    QInt32=torch.qint32,
)
DIMENSIONS = 64  # of a tensor; torch counts no further
LAYOUTS = ('sparse_coo', 'sparse_csr', 'sparse_csc', 'sparse_bsr', 'sparse_bsc')


class Numbers(NamedTuple):
    """`Numbers` are the content of a storage, of which tensors are views.

    Attributes:
        raw: Bytes, a one-dimensional tensor of uint8.
        dtype: Type of the numbers.
        start: Number at which the storage begins; it may be a part of another.
    """

    raw: Tensor
    dtype: torch.dtype
    start: int


def tensor(
    state: Any,
    numbers: Numbers,
    offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool = False,
    hooks: Any = None,
    metadata: Any = None,
) -> Tensor:
    """Return a view of numbers, which never leads out of them.

    Raises:
        UserError: The view is larger than its numbers, or a complex tensor is stored
            with a sign that is not done yet.
    """
    if metadata:
        raise UserError(f'It holds a tensor with {metadata!r:.60}')
    return _view(numbers, numbers.dtype, offset, size, stride)


def tensor_of_type(
    state: Any,
    numbers: Numbers,
    offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    hooks: Any,
    dtype: torch.dtype,
    metadata: Any = None,
) -> Tensor:
    """Return a view of numbers of a type that has no storage of its own."""
    return _view(numbers, dtype, offset, size, stride)


def _view(
    numbers: Numbers, dtype: torch.dtype, offset: int, size: Any, stride: Any
) -> Tensor:
    shaped = len(size) == len(stride) < DIMENSIONS
    if not shaped or not natural([offset, *size, *stride]):
        raise UserError('It holds a tensor without a shape')
    if math.prod(max(n, 1) for n in size) >= 1 << 48:
        raise UserError(f'It holds a tensor of the size {tuple(size)}')
    flat = numbers.raw.view(dtype)
    first = numbers.start + offset
    steps = sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if all(size) and first + steps >= len(flat):
        raise UserError(
            f'It is damaged: a tensor of shape {tuple(size)} has {len(flat)} numbers'
        )
    return flat.as_strided(tuple(size), tuple(stride), first if all(size) else 0)


def given(state: Any, data: Tensor, *unused: Any) -> Tensor:
    """Return the tensor of a parameter, without hooks, gradients and attributes."""
    if not isinstance(data, Tensor):
        raise UserError('It holds a parameter without a tensor')
    return data


def of_subclass(state: Any, kind: Any, subclass: Any, args: Any, more: Any) -> Tensor:
    """Return a tensor to which Python attributes had been added, without them."""
    maker = getattr(kind, 'maker', None)
    if maker not in (tensor, tensor_of_type, quantized, meta):
        raise UserError('It holds a tensor of a kind of its own')
    return maker(None, *args)


def meta(
    state: Any, dtype: torch.dtype, size: Any, stride: Any, *unused: Any
) -> Tensor:
    """Return a tensor that was stored without values."""
    return _valueless(dtype, size)


def quantized(
    state: Any, numbers: Numbers, offset: int, size: Any, *unused: Any
) -> Tensor:
    """Return a tensor without values, as no HRNet here has quantized ones."""
    return _valueless(numbers.dtype, size)


def _valueless(dtype: torch.dtype, size: Any) -> Tensor:
    small = natural(size) and len(size) < DIMENSIONS
    if not small or math.prod(size) >= 1 << 48:
        raise UserError('It holds a tensor without a shape')
    return torch.empty(tuple(size), dtype=dtype, device='meta')


def layout(state: Any, name: str) -> torch.layout:
    """Return a layout of sparse tensors by its name."""
    short = name.removeprefix('torch.')
    if short not in LAYOUTS:
        raise UserError(f'It holds a tensor with the layout {name!r:.60}')
    return getattr(torch, short)


def sparse(state: Any, kind: torch.layout, parts: Any) -> Tensor:
    """Return a sparse tensor, after its indices have been checked."""
    if kind is torch.sparse_coo:
        indices, values, size = parts[:3]
        return torch.sparse_coo_tensor(indices, values, size, check_invariants=True)
    return torch.sparse_compressed_tensor(*parts, layout=kind, check_invariants=True)


def sizes(state: Any, numbers: Any = ()) -> torch.Size:
    """Return the shape of a tensor."""
    if not natural(numbers):
        raise UserError('It holds a shape that is none')
    return torch.Size(numbers)


def of_array(state: Any, data: Any, *unused: Any) -> Tensor:
    """Return a tensor of a device that torch stores by NumPy."""
    return torch.from_numpy(data)


TORCH: Makers = {
    'torch.Size': sizes,
    'torch.Tensor': given,
    'torch.device': lambda state, *args: torch.device(*args),
    'torch.nn.parameter.Parameter': given,
    'torch._tensor._rebuild_from_type_v2': of_subclass,
    'torch._utils._rebuild_device_tensor_from_cpu_tensor': given,
    'torch._utils._rebuild_device_tensor_from_numpy': of_array,
    'torch._utils._rebuild_meta_tensor_no_storage': meta,
    'torch._utils._rebuild_parameter': given,
    'torch._utils._rebuild_parameter_with_state': given,
    'torch._utils._rebuild_qtensor': quantized,
    'torch._utils._rebuild_sparse_tensor': sparse,
    'torch._utils._rebuild_tensor': tensor,
    'torch._utils._rebuild_tensor_v2': tensor,
    'torch._utils._rebuild_tensor_v3': tensor_of_type,
    'torch._utils._rebuild_xla_tensor': of_array,
    'torch.serialization._get_layout': layout,
    'torch.storage.UntypedStorage': torch.uint8,
    **{
        f'torch.{name}': value
        for name, value in vars(torch).items()
        if isinstance(value, torch.dtype | torch.qscheme)
    },
    **{
        f'{module}.{name}Storage': kind
        for name, kind in KINDS.items()
        for module in ('torch', 'torch.cuda')
    },
}
TABLE = {**PYTHON, **NUMPY, **HISTORY, **TORCH}


def _memory(raw: Tensor) -> memoryview:
    return memoryview(raw.numpy())  # type: ignore[arg-type]


class _TorchFile:
    """A `_TorchFile` is open for reading, in one of torch's two formats.

    Args:
        file: Binary file.
        size: Its size in bytes.
        device: Where the tensors are put.
    """

    def __init__(self, file: BufferedReader, size: int, device: Any) -> None:
        self.file, self.size, self.device = file, size, device
        self.declared: dict[str, int] = {}  # bytes by the name of the storage
        self.raw: dict[str, Tensor] = {}
        self.record = stand_in('storage', self.numbers)

    def stored(self, pid: Any) -> Record:
        """Return a record of the storage that a pickle refers to."""
        known = (
            type(pid) is tuple
            and len(pid) in (5, 6)
            and pid[0] in ('storage', b'storage')
        )
        if not known or not isinstance(pid[1], Constant):
            raise pickle.UnpicklingError('it refers to something that is no storage')
        _, kind, key, _, numel, *view = pid
        if type(key) not in (str, int) or not natural([numel]):
            raise pickle.UnpicklingError('a storage has no name or size')
        width = torch.empty(0, dtype=kind.args[0]).element_size()
        before = self.declared.setdefault(str(key), numel * width)
        if before != numel * width and numel:
            raise UserError(f'It is damaged: the storage {key!r:.60} has two sizes')
        return self.record(kind, str(key), *view)

    def numbers(
        self, state: Any, dtype: torch.dtype, key: str, view: Any = None
    ) -> Numbers:
        """Return the content of a storage, the same for all who ask for it."""
        if key not in self.raw:
            self.raw[key] = self.content(key).to(self.device)
        start = view[1] if view else 0
        if not natural([start]):
            raise UserError(f'It is damaged: the storage {key!r:.60} begins nowhere')
        return Numbers(self.raw[key], dtype, start)

    def content(self, key: str) -> Tensor:
        """Return the bytes of a storage."""
        raise NotImplementedError

    def read(self) -> Any:
        """Read the whole file."""
        raise NotImplementedError

    def filled(self, size: int) -> Tensor:
        """Return the next bytes of the file.

        Raises:
            UserError: The file ends before.
        """
        if size > self.size:
            raise UserError('It is cut off')
        made = torch.empty(size, dtype=torch.uint8)
        if self.file.readinto(_memory(made)) < size:
            raise UserError('It is cut off')
        return made


class _Archive(_TorchFile):
    """An `_Archive` is the format since torch 1.6: a zip archive, not compressed."""

    def read(self) -> Any:
        self.zip = zipfile.ZipFile(self.file)
        claimed = sum(info.file_size for info in self.zip.infolist())
        if claimed > TIMES * self.size + (1 << 20):
            raise UserError(f'It {UNPACKS.format(self.size, claimed)}')
        found = [PurePosixPath(name) for name in self.zip.namelist()]
        (folder,) = {x.parent for x in found if x.name == 'data.pkl'}
        self.folder = f'{folder}/'
        # Without `set_crc32_options` of torch no record has a checksum.
        small = [x for x in self.zip.infolist() if '/data/' not in x.filename]
        self.summed = any(self._sound(x, self._bytes(x)) for x in small if x.file_size)
        program = self.member('data.pkl')
        content = unpickled(
            io.BytesIO(program.numpy().tobytes()), TABLE, self.stored, encoding='utf-8'
        )
        order = 'byteorder'
        there = self.folder + order in self.zip.namelist()
        written = self.member(order).numpy().tobytes() if there else b'little'
        self.swapped = written.decode() != sys.byteorder
        return built(content, self.size)

    def content(self, key: str) -> Tensor:
        made = self.member(f'data/{key}')
        if len(made) != self.declared[key]:
            raise UserError(
                f'It is damaged: data/{key} has {len(made)} bytes in place of '
                f'{self.declared[key]}'
            )
        return made

    def member(self, name: str) -> Tensor:
        """Return the bytes of a member of the archive.

        Raises:
            UserError: They do not have the checksum that is stored with them.
        """
        info = self.zip.getinfo(self.folder + name)
        made = self._bytes(info)
        if self.summed and not self._sound(info, made):
            raise UserError(f'It {FLIPPED.format(name)}')
        return made

    def _bytes(self, info: zipfile.ZipInfo) -> Tensor:
        if info.compress_type != zipfile.ZIP_STORED:
            return torch.frombuffer(bytearray(self.zip.read(info)), dtype=torch.uint8)
        self.file.seek(info.header_offset + 26)
        self.file.seek(sum(struct.unpack('<HH', self.file.read(4))), 1)
        return self.filled(info.file_size)

    @staticmethod
    def _sound(info: zipfile.ZipInfo, content: Tensor) -> bool:
        return zlib.crc32(_memory(content)) == info.CRC


class _Stream(_TorchFile):
    """A `_Stream` is the format before torch 1.6: pickles, then the storages."""

    def read(self) -> Any:
        if self._next() != MAGIC or self._next() != PROTOCOL:
            raise pickle.UnpicklingError('Invalid magic number')
        self._next()  # of the machine that wrote it
        content = self._next()
        keys = self._next()
        for key in keys:
            size = self.declared[str(key)]
            self.file.seek(8, 1)  # the number of numbers
            self.raw[str(key)] = self.filled(size).to(self.device)
        return built(content, self.size)

    def _next(self) -> Any:
        return unpickled(self.file, TABLE, self.stored, encoding='utf-8')

    def content(self, key: str) -> Tensor:
        raise UserError(f'It is damaged: the storage {key!r:.60} is missing')


def load(path: Path, device: Any) -> Any:
    """Read a file of torch.save, without letting torch read it.

    Args:
        path: A file in the format since torch 1.6 or the one before.
        device: Device of the tensors.

    Raises:
        ForbiddenError: It holds a Python object that is not in `TABLE`.
        UserError: It is damaged, or asks for more memory than it has bytes.
        Exception: It is damaged.
    """
    with path.open('rb') as file:
        zipped = file.read(4) == b'PK\x03\x04'
        file.seek(0)
        kind = _Archive if zipped else _Stream
        content = kind(file, path.stat().st_size, device).read()
    check_memory(content, path.stat().st_size)
    return content


def check_memory(content: Any, size: int) -> None:
    """Check that tensors do not claim much more memory than the file has bytes.

    A tensor of one number may be seen as one of any shape, which costs nothing until
    somebody copies it.

    Raises:
        UserError: They do.
    """
    claimed = sum(x.numel() * x.element_size() for x in _dense(content))
    if claimed > TIMES * size + MORE:
        raise UserError(f'Its tensors claim {claimed:.0e} bytes, the file has {size}')


def _dense(content: Any) -> Iterator[Tensor]:
    """Yield each tensor with values, once, however often it is referred to."""
    seen: set[int] = set()
    left = [content]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Tensor):
            if node.layout is torch.strided and not node.is_meta:
                yield node
        elif isinstance(node, dict):
            left += node.values()
        elif isinstance(node, list | tuple):
            left += node
