"""A checkpoint file is read into memory, and nothing in it is executed."""

import argparse
import io
import json
import multiprocessing
import pickle
import shlex
import sys
import tarfile
import zipfile

import evil_case
import numpy as np
import pytest
import torch
from conftest import OLD_TORCH
from download_case import WEIGHTS
from evil_case import by_getattr, old_format, pickled, plain
from mmengine.logging import HistoryBuffer
from mmengine.runner import save_checkpoint
from safetensors.torch import save_file

from hrnet_mm.errors import UserError
from hrnet_mm.weights.reading import read_checkpoint

proof, unguarded = evil_case.proof, evil_case.unguarded  # fixtures


def test_logs_of_mmengine_are_read(tmp_path):
    buffer = HistoryBuffer()
    buffer.update(1.5)
    buffer.update(2.5)
    content = dict(
        state_dict=dict(weight=torch.ones(2)),
        message_hub=dict(log_scalars={'train/loss': buffer}, scalar=np.float64(0.5)),
        meta=dict(
            colours=np.zeros((2, 3), np.uint8),
            empty=np.zeros(0),
            names=np.array(['nose', 'eye']),
        ),
    )
    path = tmp_path / 'epoch_1.pth'
    torch.save(content, path)
    read = read_checkpoint(path)
    assert read['message_hub']['log_scalars']['train/loss'].mean(2) == 2.0
    assert read['message_hub']['scalar'] == 0.5
    assert read['meta']['colours'].shape == (2, 3)
    assert read['meta']['empty'].shape == (0,)
    assert read['meta']['names'].tolist() == ['nose', 'eye']


def test_the_format_before_torch_1_6_is_read(tmp_path):
    content = dict(state_dict=dict(weight=torch.arange(3.0)), epoch=7)
    path = tmp_path / 'old.pth.tar'
    torch.save(content, path, _use_new_zipfile_serialization=False)
    read = read_checkpoint(path)
    assert read['epoch'] == 7
    assert torch.equal(read['state_dict']['weight'], torch.arange(3.0))


@pytest.mark.parametrize('name', ['model.safetensors', 'model.bin'])
def test_safetensors_are_known_by_their_content(tmp_path, name):
    tensors = dict(weight=torch.arange(3.0))
    source = dict(arch='w32', task='pose')
    path = tmp_path / name
    save_file(tensors, path, dict(format='pt', hrnet_mm=json.dumps(source)))
    read = read_checkpoint(path)
    path.write_bytes(bytes(path.stat().st_size))  # what was read is independent of it
    assert torch.equal(read['state_dict']['weight'], tensors['weight'])
    assert read['meta'] == dict(format='pt', hrnet_mm=source)


def test_a_file_of_torch_under_the_name_of_the_other(tmp_path):
    path = tmp_path / 'model.safetensors'
    path.write_bytes(WEIGHTS)
    assert read_checkpoint(path)['weight'].shape == (60000,)


def archive(*names, content=b'x') -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as file:
        for name in names:
            file.writestr(name, content)
    return buffer.getvalue()


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as file:
        file.addfile(tarfile.TarInfo('../evil'))
    return buffer.getvalue()


def program() -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.ReLU()), buffer)
    return buffer.getvalue()


def safetensors(keep: int) -> bytes:
    from safetensors.torch import save

    return save(dict(weight=torch.ones(100)))[:keep]


@pytest.mark.parametrize(
    ('content', 'cause'),
    [
        (b'', 'It is empty'),
        (bytes(5000), 'It consists of zeros: it was not written'),
        (bytes(512) + b'x', 'damaged or of an unknown kind'),
        (b'not a checkpoint', r'damaged or of an unknown kind \(Unsupported operand'),
        (b'\n<!DOCTYPE html><p>log in</p>', 'is an HTML page'),
        (b'version https://git-lfs.github.com/spec/v1\n', 'run `git lfs pull`'),
        (WEIGHTS[:5000], 'is cut off'),
        (WEIGHTS[::-1], 'damaged or of an unknown kind'),
        (safetensors(300), 'damaged or of an unknown kind'),
        (tar(), 'is an archive that torch has not written'),
        (tar() + archive('a/data.pkl'), 'is an archive that torch has not written'),
        (program(), 'is a TorchScript program'),
        (WEIGHTS.replace(b'PK\x01\x02', b'PK\x09\x09'), r'It is damaged: Bad magic'),
        (archive('weights.pth'), 'a zip archive that torch has not written'),
        (archive('a/data.pkl', '../evil'), 'leads out of it: ../evil'),
        (archive('a/data.pkl', '/tmp/evil'), 'leads out of it: /tmp/evil'),
        (archive('a/data.pkl'), 'damaged or of an unknown kind'),
        (pickle.dumps(dict(weight=[1.0])), 'damaged or of an unknown kind'),
    ],
)
def test_what_is_no_checkpoint(tmp_path, content, cause):
    path = tmp_path / 'folder' / 'weights.pth'
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(UserError, match=cause) as error:
        read_checkpoint(path)
    first = f'{path} is not a checkpoint that can be loaded safely.'
    assert str(error.value).splitlines()[0] == first
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.rglob('*')] == ['folder', 'weights.pth']


def test_not_a_dict(tmp_path):
    torch.save([torch.ones(1)], tmp_path / 'list.pth')
    with pytest.raises(UserError, match='holds a list; expected a dict of tensors'):
        read_checkpoint(tmp_path / 'list.pth')


def test_getattr_reaches_nothing_but_the_log_buffer(tmp_path):
    class Reach:
        def __reduce__(self):
            return getattr, (HistoryBuffer, '__init__')

    path = tmp_path / 'evil.pth'
    torch.save(dict(state_dict=Reach()), path)
    with pytest.raises(UserError, match='which is not allowed'):
        read_checkpoint(path)


@pytest.mark.parametrize('nested', [dict(state_dict=0, model='name'), dict(model=0)])
def test_a_trainers_options_are_refused_and_the_remedy_works(tmp_path, nested):
    path = tmp_path / 'checkpoint.pth.tar'
    weights = dict(weight=torch.ones(3))
    content = {key: value or weights for key, value in nested.items()}
    torch.save(dict(content, args=argparse.Namespace(lr=0.1)), path)
    with pytest.raises(
        UserError, match='the Python object argparse.Namespace'
    ) as error:
        read_checkpoint(path)
    lines = str(error.value).splitlines()
    words = shlex.split(next(line for line in lines if 'python -c' in line))
    assert words[:2] == ['python', '-c']
    exec(words[2])
    read = read_checkpoint(tmp_path / 'checkpoint_clean.pth')
    assert torch.equal(read['state_dict']['weight'], torch.ones(3))


def test_without_safetensors(tmp_path, monkeypatch):
    save_file(dict(weight=torch.ones(1)), tmp_path / 'model.safetensors')
    monkeypatch.setitem(sys.modules, 'safetensors', None)
    with pytest.raises(UserError, match='pip install safetensors'):
        read_checkpoint(tmp_path / 'model.safetensors')


# The files do what they are here for, where nothing stops them.


@pytest.mark.parametrize('make', [plain, old_format, pickled])
def test_the_files_are_dangerous(tmp_path, proof, make, unguarded):
    make(tmp_path / 'evil.pth', proof)
    if make is pickled:
        pickle.loads((tmp_path / 'evil.pth').read_bytes())
    else:
        torch.load(tmp_path / 'evil.pth', weights_only=False)
    assert proof.exists()


@pytest.mark.skipif(OLD_TORCH, reason='torch 2.1 has no list of what is allowed')
def test_getattr_is_enough_to_run_code(tmp_path, proof):
    by_getattr(tmp_path / 'evil.pth', proof)

    def read():
        with torch.serialization.safe_globals([getattr]):
            torch.load(tmp_path / 'evil.pth', weights_only=True)

    # It changes Python itself, so another process reads it.
    reader = multiprocessing.get_context('fork').Process(target=read)
    reader.start()
    reader.join()
    assert proof.exists()


@pytest.mark.parametrize('make', [plain, old_format, pickled, by_getattr])
def test_nothing_is_executed(tmp_path, proof, make):
    path = tmp_path / 'evil.pth'
    make(path, proof)
    content = path.read_bytes()
    with pytest.raises(UserError):
        read_checkpoint(path)
    assert not proof.exists()
    assert path.read_bytes() == content


def test_what_mmpose_stores_is_read_safely(tmp_path):
    # WFLW's skeleton is empty, and NumPy has its empty content made by a call.
    meta = dict(colors=np.full((2, 3), 7, np.uint8), links=np.zeros((0, 3), np.uint8))
    save_checkpoint(dict(state_dict={}, meta=meta), str(tmp_path / 'points.pth'))
    read = read_checkpoint(tmp_path / 'points.pth')['meta']
    assert read['colors'].tolist() == [[7] * 3] * 2
    assert read['links'].shape == (0, 3)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def test_one_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / 'weights.pth'
    torch.save(dict(weight=torch.rand(1000), other=torch.rand(1000)), path)
    content = path.read_bytes()
    first = content.index(torch.load(path)['weight'].numpy().tobytes())
    for place in (first, first + 1, first + 1999, first + 3999):
        path.write_bytes(flipped(content, place))
        with pytest.raises(UserError, match='damaged: data/0 does not have the checks'):
            read_checkpoint(path)
    path.write_bytes(flipped(content, content.index(b'weightq')))
    with pytest.raises(UserError, match='damaged: data.pkl does not have the checks'):
        read_checkpoint(path)


@pytest.mark.skipif(OLD_TORCH, reason='torch 2.1 always stores them')
def test_files_without_checksums_are_read(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(dict(weight=torch.arange(9.0)), tmp_path / 'weights.pth')
    finally:
        torch.serialization.set_crc32_options(True)
    read = read_checkpoint(tmp_path / 'weights.pth')
    assert torch.equal(read['weight'], torch.arange(9.0))


def test_an_archive_that_unpacks_to_very_much(tmp_path):
    path = tmp_path / 'bomb.pth'
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as file:
        file.writestr('a/data.pkl', b'\x80\x02}.')
        file.writestr('a/data/0', bytes(1 << 26))
    with pytest.raises(UserError, match='weights cannot be compressed so much'):
        read_checkpoint(path)


def test_a_file_that_was_packed_again_is_read(tmp_path):
    torch.save(dict(weight=torch.arange(9.0)), tmp_path / 'stored.pth')
    with (
        zipfile.ZipFile(tmp_path / 'stored.pth') as old,
        zipfile.ZipFile(tmp_path / 'packed.pth', 'w', zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    read = read_checkpoint(tmp_path / 'packed.pth')
    assert torch.equal(read['weight'], torch.arange(9.0))
