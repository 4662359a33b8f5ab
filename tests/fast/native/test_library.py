"""The C++ kernels are compiled once per machine, or it is said why not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from hrnet_mm.errors import UserError
from hrnet_mm.fast.native import library, winograd

pytestmark = pytest.mark.skipif(
    not library.available(), reason='no C++ compiler on this machine'
)


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    """A machine on which nothing has been compiled."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    library.load.cache_clear()
    yield tmp_path / 'hrnet_mm'
    library.load.cache_clear()


def test_no_compiler_is_said(no_library, monkeypatch):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    with pytest.raises(UserError, match='CXX is no-such-compiler, which is not there'):
        library.load()
    monkeypatch.delenv('CXX')
    monkeypatch.setenv('PATH', '')
    with pytest.raises(UserError, match='no C\\+\\+ compiler.*install g\\+\\+'):
        library.load()
    assert not library.available()


def test_a_compiler_that_refuses_is_quoted(no_library, monkeypatch):
    monkeypatch.setattr(library, 'OPTIONS', ['-fno-such-option'])
    with pytest.raises(UserError, match='no-such-option(.|\n)*leave out level'):
        library.load()
    assert not list(no_library.iterdir())


def test_a_cache_that_cannot_be_written_is_said(no_library):
    no_library.write_text('')
    with pytest.raises(UserError, match='set XDG_CACHE_HOME'):
        library.load()


def test_two_processes_compile_one_library(no_library):
    program = 'from hrnet_mm.fast.native import library; library.load()'
    run = [sys.executable, '-c', program]
    processes = [subprocess.Popen(run, env=os.environ) for _ in range(2)]
    assert [p.wait() for p in processes] == [0, 0]
    (path,) = no_library.iterdir()
    before = path.stat().st_mtime_ns
    packed = winograd.transform_weight(torch.ones(1, 1, 3, 3))
    assert winograd.conv3x3(torch.ones(1, 1, 1, 1), packed).item() == 1
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    'damage', [lambda x: b'', lambda x: x[: len(x) // 2], lambda x: b'x' * 5000]
)
def test_a_damaged_library_is_compiled_again(no_library, damage, capfd):
    assert library.available()
    (path,) = no_library.iterdir()
    whole = path.read_bytes()
    # Another file: this process has the first one mapped.
    path.unlink()
    path.write_bytes(damage(whole))
    library.load.cache_clear()
    assert library.available()
    assert path.read_bytes() == whole
    assert [p.name for p in no_library.iterdir()] == [path.name]


def test_a_folder_in_place_of_the_library(no_library):
    library.library_path(library.compiler()).mkdir(parents=True)
    with pytest.raises(UserError, match='cannot be kept as .*remove what is there'):
        library.load()
    assert not library.available()
