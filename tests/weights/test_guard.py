"""No file that a user was handed is executed, wherever it can be passed."""

import pickle
import runpy

import evil_case
import pytest
import torch
from conftest import ROOT
from evil_case import Malicious

from hrnet_mm.data.shapes import make_shapes
from hrnet_mm.weights.guard import forbid_unpickling

# Fixtures
evil = evil_case.evil
proof = evil_case.proof
unguarded = evil_case.unguarded

DEMO = ROOT / 'configs/demo_faster_rcnn_hrnetv2p.py'
POSE = ROOT / 'configs/demo_topdown_hrnet.py'


def test_torch_reads_weights_only_under_the_guard(evil, proof, unguarded, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    forbid_unpickling()
    with pytest.raises(pickle.UnpicklingError):
        torch.load(evil, weights_only=False)
    assert not proof.exists()


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
