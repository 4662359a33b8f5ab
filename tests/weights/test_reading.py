"""No file that a user was handed is executed, wherever it can be passed."""

import io
import multiprocessing
import os
import pickle
import runpy
import struct
import zipfile

import mmengine
import numpy as np
import pytest
import torch
from conftest import OLD_TORCH, ROOT
from mmengine.fileio.handlers import file_handlers
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import load_checkpoint
from mmengine.structures import InstanceData
from torch import nn

from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.errors import UserError
from hrnet_mm.weights import read_checkpoint
from hrnet_mm.weights.guard import forbid_unpickling

FORCE = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'
DEMO = ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py'
POSE = ROOT / 'configs/demo_topdown_hrnet.py'


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
    """What `forbid_unpickling` changes is as before in the end."""
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


# The whole process


@pytest.mark.parametrize('make', [plain, old_format, pickled, by_getattr])
def test_mmengine_reads_safely_under_the_guard(tmp_path, proof, make, unguarded):
    make(tmp_path / 'evil.pth', proof)
    forbid_unpickling()
    with pytest.raises(UserError):
        load_checkpoint(nn.Linear(1, 1), str(tmp_path / 'evil.pth'))
    assert not proof.exists()


def test_torch_reads_weights_only_under_the_guard(evil, proof, unguarded, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    forbid_unpickling()
    with pytest.raises(pickle.UnpicklingError):
        torch.load(evil, weights_only=False)
    assert not proof.exists()


def test_mmengine_still_loads_weights_under_the_guard(tmp_path, unguarded):
    model, other = nn.Linear(2, 2), nn.Linear(2, 2)
    forbid_unpickling()
    for content in (model.state_dict(), dict(state_dict=model.state_dict())):
        torch.save(content, tmp_path / 'good.pth')
        load_checkpoint(other, str(tmp_path / 'good.pth'))
        assert torch.equal(other.weight, model.weight)
        nn.init.zeros_(other.weight)


@pytest.mark.parametrize('name', ['s3://a/b.pth', 'x:petrel://a/b.pth', 'pavi://b'])
def test_storage_that_mmengine_would_read_itself(name, unguarded):
    forbid_unpickling()
    with pytest.raises(UserError, match=f'no checkpoint {name}'):
        load_checkpoint(nn.Linear(1, 1), name)


def test_annotations_in_pickle_format(tmp_path, proof, unguarded):
    (tmp_path / 'evil.pkl').write_bytes(pickle.dumps(Malicious(proof)))
    boxes = InstanceData(bboxes=np.ones((2, 4), np.float32), scores=np.zeros((2, 0)))
    good = {'a.jpg': boxes, 'names': ['x', None, 1.5, True], 'area': np.float64(3)}
    forbid_unpickling()
    with pytest.raises(UserError, match='holds the Python object posix.mkdir'):
        mmengine.load(tmp_path / 'evil.pkl')
    assert not proof.exists()
    for protocol in range(2, pickle.HIGHEST_PROTOCOL):
        mmengine.dump(good, tmp_path / 'good.pkl', protocol=protocol)
        read = mmengine.load(tmp_path / 'good.pkl')
        assert (read['a.jpg'].bboxes == boxes.bboxes).all()
        assert read['a.jpg'].scores.shape == (2, 0)
        assert read['names'] == good['names']
        assert read['area'] == 3


def test_arrays_of_objects_are_pointers_that_a_file_could_choose(tmp_path, unguarded):
    content = dict(boxes=np.array([None, 'x'], dtype=object))
    (tmp_path / 'pointers.pkl').write_bytes(pickle.dumps(content))
    forbid_unpickling()
    with pytest.raises(UserError, match='holds a NumPy array of Python objects'):
        mmengine.load(tmp_path / 'pointers.pkl')


# The tools


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Scenes of 96 x 112 pixels."""
    folder = tmp_path_factory.mktemp('data') / 'coco'
    make_shapes(folder, layout='coco', train=2, val=1, size=(96, 112), seed=0)
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch, capfd, data, unguarded):
    """Run a tool as from the command line; its status and what it says at the end."""

    def go(tool, *arguments):
        words = [str(word) for word in arguments]
        monkeypatch.setattr('sys.argv', [f'tools/{tool}.py', *words])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / f'tools/{tool}.py'), run_name='__main__')
        return end.value.code, capfd.readouterr().err.rpartition('\nerror: ')[2]

    return go


def training(data, tmp_path, *options, resume=()):
    """Arguments of tools/train.py for a net of seconds."""
    where = ['--work-dir', tmp_path / 'work', *resume]
    keys = [f'data_root={data}/', 'train_dataloader.num_workers=0', *options]
    return [DEMO, *where, '--cfg-options', *keys]


TRAINING = {
    'load_from': ('', None),
    'our Pretrained': ('model.backbone.init_cfg', 'hrnet_mm.Pretrained'),
    "mmengine's Pretrained": ('model.backbone.init_cfg', 'Pretrained'),
    'the whole model': ('model.init_cfg', 'Pretrained'),
}


def refused(status, message, name, proof):
    assert not proof.exists()
    assert status == 2, message
    assert name in message
    assert 'It holds more than tensors: the Python object posix.mkdir' in message
    assert 'weights_only=False' in message  # the remedy


@pytest.mark.slow
@pytest.mark.parametrize('place', TRAINING)
def test_initial_weights(run, data, tmp_path, evil, proof, place):
    pytest.importorskip('mmdet')
    key, kind = TRAINING[place]
    options = [f'{key}.type={kind}', f'{key}.checkpoint={evil}']
    options = options if kind else [f'load_from={evil}']
    refused(*run('train', *training(data, tmp_path, *options)), str(evil), proof)


@pytest.mark.slow
@pytest.mark.parametrize('named', [True, False])
def test_resuming(run, data, tmp_path, evil, proof, named):
    pytest.importorskip('mmdet')
    (tmp_path / 'work').mkdir()
    (tmp_path / 'work/last_checkpoint').write_text(str(evil))
    resume = ['--resume', evil] if named else ['--resume']
    found = run('train', *training(data, tmp_path, resume=resume))
    refused(*found, str(evil), proof)


@pytest.mark.slow
def test_a_cached_download(run, data, tmp_path, evil, proof, monkeypatch):
    pytest.importorskip('mmdet')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    cached = tmp_path / 'hub/checkpoints/weights.pth'
    cached.parent.mkdir(parents=True)
    evil.rename(cached)
    options = 'load_from=http://127.0.0.1:9/weights.pth'
    refused(*run('train', *training(data, tmp_path, options)), str(cached), proof)


@pytest.mark.slow
def test_a_file_of_the_hub(run, data, tmp_path, evil, proof, monkeypatch):
    pytest.importorskip('mmdet')
    from huggingface_hub import constants

    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))
    folder = tmp_path / 'models--timm--evil'
    cached = folder / f'snapshots/{"a" * 40}/pytorch_model.bin'
    cached.parent.mkdir(parents=True)
    (folder / 'refs').mkdir()
    (folder / 'refs/main').write_text('a' * 40)
    evil.rename(cached)
    options = 'load_from=hf_hub:timm/evil'
    found = run('train', *training(data, tmp_path, options))
    refused(*found, 'pytorch_model.bin', proof)


@pytest.mark.slow
def test_proposals(run, data, tmp_path, proof):
    pytest.importorskip('mmdet')
    (tmp_path / 'evil.pkl').write_bytes(pickle.dumps(Malicious(proof)))
    options = f'train_dataloader.dataset.proposal_file={tmp_path}/evil.pkl'
    status, message = run('train', *training(data, tmp_path, options))
    assert not proof.exists()
    assert status == 2
    assert 'the Python object posix.mkdir' in message


@pytest.mark.slow
def test_testing(run, data, tmp_path, evil, proof):
    pytest.importorskip('mmdet')
    options = [f'data_root={data}/', 'test_dataloader.num_workers=0']
    where = ['--work-dir', tmp_path / 'work', '--cfg-options', *options]
    refused(*run('test', DEMO, evil, *where), str(evil), proof)


def infer(data, tmp_path, config, weights, *options):
    names = ['--config', config, '--weights', weights, '--out', tmp_path / 'out']
    return ['infer', data / 'val2017', *names, '--device', 'cpu', *options]


@pytest.mark.slow
def test_inference(run, data, tmp_path, evil, proof):
    pytest.importorskip('mmdet')
    refused(*run(*infer(data, tmp_path, DEMO, evil)), str(evil), proof)


@pytest.mark.slow
def test_the_detector_of_inference(run, data, tmp_path, evil, proof):
    pytest.importorskip('mmpose')
    found = run(*infer(data, tmp_path, POSE, 'nowhere', '--detector', DEMO, evil))
    refused(*found, str(evil), proof)


def test_conversion(run, tmp_path, evil, proof):
    refused(
        *run('convert', evil, tmp_path / 'new.pth', '--to', 'mmseg'), str(evil), proof
    )
    assert not (tmp_path / 'new.pth').exists()
