"""A pickle is read as plain values; no object of its choice is made, nothing called.

    file -> unpickled() -> values and records -> built() -> values, NumPy's arrays, ...

While a pickle is read, each call that it asks for is only written down: a `Record` of
the name, the arguments and the state. Afterwards a function of this package looks at a
record and makes the value, if the name is in a table of such functions. So a pickle
never gets hold of a class, a function or an array.
"""

from __future__ import annotations

import math
import pickle
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, ClassVar

import numpy as np

from ..errors import UserError
from .nesting import check_nesting, parts_of

# A function gets the state, then the arguments of the call, and returns the value.
Makers = Mapping[str, Any]
# What a file may ask for: this many times its size, and a quarter of a GiB.
TIMES, MORE = 20, 1 << 28
PLAIN_TYPE = re.compile(r'[biufcSU]\d+|\?')


class ForbiddenError(Exception):
    """A pickle names a Python object that is not in the table."""


class Record:
    """A `Record` is a call that a pickle asks for, and that is not done.

    Attributes:
        args: Arguments of the call.
        state: What the pickle would set in the result.
        items: Entries that it would put into the result.
    """

    __slots__ = ('args', 'items', 'state')
    name: ClassVar[str] = ''
    maker: ClassVar[Any] = None
    args: tuple[Any, ...]
    items: dict[Any, Any]
    state: Any

    def __new__(cls, *args: Any) -> Record:
        made = super().__new__(cls)
        made.args, made.state, made.items = args, None, {}
        return made

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items[key] = value


def stand_in(name: str, maker: Any) -> type[Record]:
    """Return a class of records for what a pickle knows under a name."""
    return type('Record', (Record,), dict(name=name, maker=staticmethod(maker)))


class Constant(Record):
    """A `Constant` is a record of a value that is not called, such as a dtype."""

    __slots__ = ()


def plain_name(module: str, name: str) -> str:
    """Return one name for a class or function that NumPy 2 or Python 3 has moved."""
    module = module.replace('numpy.core.', 'numpy._core.')
    return f'{module.replace("__builtin__", "builtins")}.{name}'


class Unpickler(pickle._Unpickler):
    """This unpickler returns plain values and records.

    It is Python's own, in Python: the one in C reserves memory as a file tells it to.

    Args:
        file: Binary file, open for reading.
        makers: Function that makes the value, or the value, by name.
        stored: Returns a record for what a pickle refers to outside of itself.
        **options: Options of `pickle.Unpickler`.
    """

    stack: list[Any]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(
        pickle._Unpickler.dispatch
    )

    def __init__(
        self,
        file: IO[bytes],
        makers: Makers,
        stored: Callable[[Any], Record] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(file, **options)
        self.makers = makers
        self.stored = stored
        self.known: dict[str, type[Record]] = {}

    def find_class(self, module: str, name: str) -> Any:
        full = plain_name(module, name)
        if full not in self.makers:
            raise ForbiddenError(f'{module}.{name}')
        maker = self.makers[full]
        if not callable(maker):
            return Constant(maker)
        if full not in self.known:
            self.known[full] = stand_in(full, maker)
        return self.known[full]

    def persistent_load(self, pid: Any) -> Any:
        if self.stored is None:
            raise pickle.UnpicklingError('it refers to something outside of itself')
        return self.stored(pid)

    def load(self) -> Any:
        """Read one object of the file."""
        try:
            return super().load()
        except KeyError as error:  # Python's unpickler met no pickle
            raise pickle.UnpicklingError(f'Unsupported operand {error}') from error


def _with_plain_keys(
    load: Callable[[Any], None], keys: Callable[[list], list]
) -> Callable[[Any], None]:
    """Return an operation of the unpickler that first looks at the keys on its stack.

    To find the place of a tuple of tuples of ..., Python would walk through all.
    """

    def checked(reader: Unpickler) -> None:
        for key in keys(reader.stack):
            if type(key) is tuple and any(type(part) is tuple for part in key):
                raise pickle.UnpicklingError('a key is a tuple of tuples')
        load(reader)

    return checked


for _code, _keys in {
    pickle.SETITEM: lambda stack: stack[-2:-1],
    pickle.SETITEMS: lambda stack: stack[::2],
    pickle.ADDITEMS: lambda stack: stack,
    pickle.FROZENSET: lambda stack: stack,
}.items():
    _load = Unpickler.dispatch[_code[0]]
    Unpickler.dispatch[_code[0]] = _with_plain_keys(_load, _keys)


def parts_of_records(node: Any) -> Iterable[Any]:
    """Return what a value or a record consists of."""
    if isinstance(node, Record):
        return (*node.args, node.state, *node.items, *node.items.values())
    return parts_of(node)


class _Builder:
    """A `_Builder` replaces the records in a value by what they describe."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.built: dict[int, Any] = {}

    def build(self, node: Any) -> Any:
        """Return a value without records; what is shared in it stays shared."""
        if isinstance(node, type):
            raise ForbiddenError(getattr(node, 'name', str(node)))
        if isinstance(node, Record | dict | list | tuple | set | frozenset):
            if id(node) not in self.built:
                self.built[id(node)] = self._new(node)
            return self.built[id(node)]
        return node

    def _new(self, node: Any) -> Any:
        if isinstance(node, Record):
            return self._made(node)
        if isinstance(node, dict):
            return {self.build(k): self.build(v) for k, v in node.items()}
        return type(node)(map(self.build, node))

    def _made(self, record: Record) -> Any:
        if isinstance(record, Constant):
            return record.args[0]
        args = [x if isinstance(x, type) else self.build(x) for x in record.args]
        state = self.build(record.state)
        several = state if isinstance(state, tuple) else (state,)
        self.left -= sum(len(x) for x in (*args, *several) if hasattr(x, '__len__'))
        if self.left < 0:
            raise UserError('It is small, but asks for very much memory')
        made = record.maker(state, *args)
        if record.items:
            made.update(self.build(record.items))
        return made


def unpickled(
    file: IO[bytes],
    makers: Makers,
    stored: Callable[[Any], Record] | None = None,
    **options: Any,
) -> Any:
    """Read one pickle of a file; see `Unpickler` for the arguments.

    Returns:
        Plain values and records, for `built`.

    Raises:
        ForbiddenError: It names something that is not in the table.
        UserError: It contains itself, or is nested too deep.
        Exception: It is damaged.
    """
    content = Unpickler(file, makers, stored, **options).load()
    check_nesting(content, parts_of_records)
    return content


def built(content: Any, size: int) -> Any:
    """Make the values that the records in some content describe.

    Args:
        content: What `unpickled` returned.
        size: Size of the file in bytes, which limits the memory that is used.

    Raises:
        ForbiddenError: A class is where a value should be.
        UserError: A record cannot be trusted, or asks for too much memory.
        Exception: A record has other arguments than its function takes.
    """
    return _Builder(TIMES * size + MORE).build(content)


def dtype(state: Any, spec: str, *flags: Any) -> np.dtype:
    """Return a dtype of plain numbers or texts.

    Raises:
        UserError: It is another one, such as that of Python objects, an array of which
            consists of pointers that a file could choose.
    """
    if isinstance(spec, str) and spec.lstrip('|').startswith('O'):
        raise UserError('It holds a NumPy array of Python objects')
    if not (isinstance(spec, str) and PLAIN_TYPE.fullmatch(spec)):
        raise UserError(f'It holds a NumPy array of {spec!r:.60}, not of plain numbers')
    _, order, *inner = (state or (3, '=', None, None, None))[:5]
    if order not in ('<', '>', '|', '=') or inner != [None] * 3:
        raise UserError('It holds a NumPy array of parts, not of plain numbers')
    return np.dtype(f'{order}{spec.lstrip("|")}')


def filled(kind: np.dtype, shape: Any, order: Any, data: Any) -> np.ndarray:
    """Return an array with a copy of some bytes.

    Raises:
        UserError: The bytes are not as many as the shape needs, or no text.
    """
    if isinstance(data, list):
        raise UserError('It holds a NumPy array of Python objects')
    data = data.encode('latin1') if isinstance(data, str) else data
    known = isinstance(kind, np.dtype) and isinstance(data, bytes | bytearray)
    if not known or not natural(shape):
        raise UserError('It holds a NumPy array without a type, a shape or values')
    if len(data) != math.prod(shape) * kind.itemsize:
        raise UserError(
            f'It holds a NumPy array of shape {tuple(shape)} and type {kind} with '
            f'{len(data)} bytes'
        )
    made = np.ndarray(tuple(shape), kind, bytes(data), order=order).copy('K')
    if kind.kind == 'U' and made.size and kind.itemsize:
        letters = np.frombuffer(data, np.dtype('u4').newbyteorder(kind.byteorder))
        if letters.max() > 0x10FFFF:
            raise UserError('It holds a NumPy array of texts with letters of no script')
    return made


def natural(numbers: Any) -> bool:
    """Tell whether something is a tuple or list of numbers from 0 to 2**48."""
    counts = isinstance(numbers, tuple | list)
    return counts and all(type(n) is int and 0 <= n < 1 << 48 for n in numbers)


def array(state: Any, kind: Any, *unused: Any) -> np.ndarray:
    """Return the array of a `numpy._core.multiarray._reconstruct` with its state."""
    if getattr(kind, 'name', '') != 'numpy.ndarray':
        raise UserError('It holds a NumPy array of a kind of its own')
    _, shape, described, fortran, data = state
    return filled(described, shape, 'F' if fortran else 'C', data)


def array_of_buffer(
    state: Any, data: Any, kind: np.dtype, shape: Any, order: Any
) -> np.ndarray:
    """Return the array of a pickle of protocol 5."""
    return filled(kind, shape, order, data)


def number(state: Any, kind: np.dtype, data: Any) -> Any:
    """Return a number or text of NumPy."""
    return filled(kind, (), 'C', data)[()]


def never(state: Any, *args: Any) -> Any:
    """Refuse to call what a file may only name.

    Raises:
        UserError: Always.
    """
    raise UserError('It asks to make an array out of memory that it chooses')


def encoded(state: Any, text: Any = '', encoding: Any = 'latin1') -> bytes:
    """Return the bytes that pickles of protocol 2 write as a text."""
    if encoding not in ('latin1', 'latin-1'):
        raise UserError(f'It asks for the encoding {encoding!r:.60}')
    return text.encode('latin1')


def ordered(state: Any, *args: Any) -> OrderedDict:
    """Return an OrderedDict; torch notes the versions of modules in its state."""
    made = OrderedDict(*args)
    notes = state.get('_metadata') if isinstance(state, dict) else None
    if isinstance(notes, dict):
        made._metadata = notes  # type: ignore[attr-defined]
    return made


def counter(state: Any, counts: dict | tuple = ()) -> Counter:
    """Return a Counter, such as the milestones of a schedule."""
    return Counter(dict(counts))


PYTHON: Makers = {
    '_codecs.encode': encoded,
    'builtins.bytearray': lambda state, *args: bytearray(encoded(state, *args)),
    'builtins.bytes': encoded,
    'builtins.complex': lambda state, real, imag: complex(real, imag),
    'builtins.frozenset': lambda state, *args: frozenset(*args),
    'builtins.set': lambda state, *args: set(*args),
    'builtins.slice': lambda state, *args: slice(*args),
    'collections.Counter': counter,
    'collections.OrderedDict': ordered,
}
NUMPY: Makers = {
    'numpy.dtype': dtype,
    'numpy.ndarray': never,
    'numpy._core.multiarray._reconstruct': array,
    'numpy._core.multiarray.scalar': number,
    'numpy._core.numeric._frombuffer': array_of_buffer,
}
