"""A pickle is read as plain values; nothing of its choice is made or called."""

import io
import pickle
from collections import Counter, OrderedDict

import numpy as np
import pytest

from hrnet_mm.errors import UserError
from hrnet_mm.weights.plain_pickle import (
    NUMPY,
    PYTHON,
    ForbiddenError,
    built,
    unpickled,
)

TABLE = {**PYTHON, **NUMPY}
VALUES = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6).reshape(2, 3)),
    np.array(5),
    np.zeros((2, 0), '>i2'),
    np.array(['a', 'bc', '\U0001f600']),
    np.array([b'a', b'bc']),
    np.array([True, False]),
    np.ones(2, np.complex64),
    np.float16(2.5),
    np.bool_(True),
    np.str_('text'),
]


def read(content: bytes):
    return built(unpickled(io.BytesIO(content), TABLE), len(content))


class Call:
    """It is pickled as a call, with a state."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize('value', VALUES, ids=repr)
def test_arrays_and_numbers_are_what_was_written(value, protocol):
    made = read(pickle.dumps(value, protocol))
    assert type(made) is type(value)
    assert made.dtype == value.dtype
    assert made.shape == value.shape
    assert made.tolist() == value.tolist()
    assert not made.size or made.flags.writeable or made.shape == ()


def test_names_of_numpy_1_and_2():
    content = pickle.dumps(VALUES[0], 2)
    old = content.replace(b'numpy._core.', b'numpy.core.')
    new = old.replace(b'numpy.core.', b'numpy._core.')
    assert read(old).tolist() == read(new).tolist() == VALUES[0].tolist()


def test_containers():
    shared = [1]
    value = dict(
        a=shared, b=shared, c=Counter('aab'), d=OrderedDict(x=1), e={1}, f=slice(1, 2)
    )
    made = read(pickle.dumps(value, 2))
    assert made == value
    assert made['a'] is made['b']


DOUBLE = Call(np.dtype, ('f8', False, True))
RECONSTRUCT, SCALAR = np.zeros(0).__reduce__()[0], np.float64(0).__reduce__()[0]
EMPTY = (np.ndarray, (0,), b'b')
HOSTILE = {
    'pointers': Call(np.ndarray, ((1,), np.dtype('O'), b'A' * 8)),
    'pointers by text': Call(np.ndarray, ((1,), 'O', b'A' * 8)),
    'memory': Call(np.ndarray, ((100,),)),
    'a number of pointers': Call(SCALAR, (Call(np.dtype, ('O8',)), b'A' * 8)),
    'fields': Call(np.dtype, ([('a', 'O')],)),
    'a state of fields': Call(
        np.dtype, ('f8',), (3, '<', None, ('a',), {'a': ('O', 0)}, 8, 8, 0)
    ),
    'a part': Call(np.dtype, ('f8',), (3, '<', ('O', (1,)), None, None, 8, 8, 0)),
    'few bytes': Call(RECONSTRUCT, EMPTY, (1, (9,), DOUBLE, False, b'AA')),
    'negative': Call(RECONSTRUCT, EMPTY, (1, (-1,), DOUBLE, False, b'')),
    'no text': Call(
        RECONSTRUCT, EMPTY, (1, (1,), Call(np.dtype, ('U1',)), False, b'\xff' * 4)
    ),
    'no array': Call(RECONSTRUCT, (list, (0,), b'b')),
    'a class': Call(RECONSTRUCT, EMPTY, np.ndarray),
    'a class as a value': [np.ndarray],
}


@pytest.mark.parametrize('name', HOSTILE)
def test_what_could_choose_memory(name):
    with pytest.raises((UserError, ForbiddenError, TypeError)):
        read(pickle.dumps(HOSTILE[name], 2))


def test_a_key_of_tuples_of_tuples():
    pairs = (b'q%ch%c\x86' % (i, i) for i in range(60))
    nest = b'K\x01\x85' + b''.join(pairs)
    with pytest.raises(pickle.UnpicklingError, match='a key is a tuple of tuples'):
        read(b'\x80\x02}' + nest + b'K\x01s.')


def test_little_that_asks_for_much():
    text = Call(bytes, ())
    content = pickle.dumps(['a' * (1 << 20), text], 2)
    assert read(content)[1] == b''
    many = (
        b'\x80\x02X\x00\x00\x10\x00'
        + b'a' * (1 << 20)
        + b'q\x000]('
        + (b'c_codecs\nencode\nh\x00\x85R' * 400)
    )
    with pytest.raises(UserError, match='asks for very much memory'):
        read(many + b'e.')
