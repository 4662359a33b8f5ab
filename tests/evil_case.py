"""Files that run code where they are unpickled, each in another way."""

import io
import os
import pickle
import struct
import zipfile

import pytest
import torch
from mmengine.fileio.handlers import file_handlers
from mmengine.runner import CheckpointLoader

FORCE = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'


class Malicious:
    """Unpickling it makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def plain(path, proof):
    """A checkpoint with an object that runs code."""
    torch.save(dict(state_dict=dict(weight=Malicious(proof))), path)


def old_format(path, proof):
    """The same as torch wrote it before 1.6."""
    content = dict(state_dict=dict(weight=Malicious(proof)))
    torch.save(content, path, _use_new_zipfile_serialization=False)


def pickled(path, proof):
    """The same, not by torch."""
    path.write_bytes(pickle.dumps(dict(weight=Malicious(proof)), protocol=2))


def by_getattr(path, proof):
    """Needs `getattr` only, which mmengine allows even where weights only are read.

    It sets `type = exec` among Python's builtins; torch then asks `type(code)`.
    """

    def text(value):
        return b'X' + struct.pack('<I', len(value)) + value.encode()

    get, call = b'cbuiltins\ngetattr\n', b'\x86R'
    builtins = get + get + text('__self__') + call
    names = get + builtins + text('__dict__') + call
    execute = get + builtins + text('exec') + call
    code = f'__import__("os").mkdir({str(proof)!r})'
    program = b'\x80\x02' + names + text('type') + execute + b's' + text(code) + b'Na.'
    buffer = io.BytesIO()
    torch.save(dict(weight=torch.ones(1)), buffer)
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(path, 'w') as file:
        for name in made.namelist():
            file.writestr(name, program if 'data.pkl' in name else made.read(name))


@pytest.fixture
def unguarded(monkeypatch):
    """Undo in the end what `forbid_unpickling` changes."""
    monkeypatch.setenv(FORCE, '0')
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())
    before = dict(file_handlers)
    yield
    file_handlers.update(before)


@pytest.fixture
def proof(tmp_path):
    return tmp_path / 'executed'


@pytest.fixture
def evil(tmp_path, proof):
    path = tmp_path / 'evil.pth'
    plain(path, proof)
    return path
