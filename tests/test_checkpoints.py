import os
import pickle

import numpy as np
import pytest
import torch
from conftest import randomize
from mmengine.logging import HistoryBuffer
from torch import nn

from hrnet_mm.checkpoints import files, load, local_file, read_checkpoint, tensors_of
from hrnet_mm.errors import UserError
from hrnet_mm.models import HRNet

ARCH = 'w18_small_v1'


class Malicious:
    """Unpickling it makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def model():
    return randomize(HRNet(ARCH))


@pytest.mark.parametrize(
    'wrap',
    [
        lambda tensors: tensors,
        lambda tensors: dict(state_dict=tensors, meta=dict(epoch=1)),
        lambda tensors: {f'module.{k}': v for k, v in tensors.items()},
        lambda tensors: dict(
            state_dict={f'backbone.{k}': v for k, v in tensors.items()}
        ),
    ],
)
def test_nesting_and_prefixes(model, tmp_path, wrap):
    path = tmp_path / 'weights.pth'
    torch.save(wrap(model.state_dict()), path)
    fresh = HRNet(ARCH)
    found = load(fresh, tensors_of(read_checkpoint(path), fresh), 'weights.pth')
    assert str(found) == '426/426 tensors loaded'
    for name, tensor in fresh.state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name])


def test_a_head_is_left_aside(model):
    tensors = dict(model.state_dict(), **{'classifier.weight': torch.zeros(1)})
    assert (
        str(load(HRNet(ARCH), tensors, 'x')) == '426/426 tensors loaded, 1 left aside'
    )


def test_old_files_lack_batch_counters(model):
    tensors = {k: v for k, v in model.state_dict().items() if 'num_batches' not in k}
    assert len(load(HRNet(ARCH), tensors, 'old').tensors) == len(tensors)


def test_nothing_fits(model):
    wrong = {f'layer.{k}': v for k, v in model.state_dict().items()}
    message = (
        'weights.pth does not fit HRNet: 0/355 tensors loaded, 426 left aside.\n'
        r'  missing in the file \(355\): conv1.weight, bn1.weight'
    )
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(UserError, match=message):
        load(model, wrong, 'weights.pth')
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_only_a_part_fits():
    other = HRNet('w18_small_v2').state_dict()
    with pytest.raises(UserError, match=r'of another shape \(\d+\): layer1.0.conv1'):
        load(HRNet(ARCH), other, 'other.pth')
    found = load(HRNet(ARCH), other, 'other.pth', strict=False)
    assert 0 < len(found.tensors) < found.total


def test_logs_of_mmengine_are_read(tmp_path):
    buffer = HistoryBuffer()
    buffer.update(1.5)
    buffer.update(2.5)
    content = dict(
        state_dict=dict(weight=torch.ones(2)),
        message_hub=dict(log_scalars={'train/loss': buffer}, scalar=np.float64(0.5)),
    )
    path = tmp_path / 'epoch_1.pth'
    torch.save(content, path)
    read = read_checkpoint(path)
    assert read['message_hub']['log_scalars']['train/loss'].mean(2) == 2.0
    assert read['message_hub']['scalar'] == 0.5


@pytest.mark.parametrize(
    ('save', 'unpickle'),
    [
        (torch.save, lambda path: torch.load(path, weights_only=False)),
        (
            lambda content, path: path.write_bytes(pickle.dumps(content)),
            lambda path: pickle.loads(path.read_bytes()),
        ),
    ],
)
def test_nothing_is_unpickled(tmp_path, save, unpickle):
    path, proof = tmp_path / 'evil.pth', tmp_path / 'executed'
    save(dict(state_dict=dict(weight=Malicious(proof))), path)
    with pytest.raises(UserError, match='is not a checkpoint that can be loaded'):
        read_checkpoint(path)
    assert not proof.exists()
    unpickle(path)  # the file does what it is here for
    assert proof.exists()


def test_getattr_reaches_nothing_but_the_log_buffer(tmp_path):
    class Reach:
        def __reduce__(self):
            return getattr, (HistoryBuffer, '__init__')

    path = tmp_path / 'evil.pth'
    torch.save(dict(state_dict=Reach()), path)
    with pytest.raises(UserError, match='which is not allowed'):
        read_checkpoint(path)


@pytest.mark.parametrize('content', [b'', b'not a checkpoint', None])
def test_damaged_files(tmp_path, content, model):
    path = tmp_path / 'weights.pth'
    torch.save(model.state_dict(), path)
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    with pytest.raises(UserError, match='is not a checkpoint that can be loaded'):
        read_checkpoint(path)


def test_not_a_dict(tmp_path):
    torch.save([torch.ones(1)], tmp_path / 'list.pth')
    with pytest.raises(UserError, match='holds a list; expected a dict of tensors'):
        read_checkpoint(tmp_path / 'list.pth')


def test_no_such_file():
    with pytest.raises(UserError, match='no checkpoint nowhere.pth'):
        local_file('nowhere.pth')
    with pytest.raises(UserError, match='open-mmlab://msra/hrnet: no such name'):
        local_file('open-mmlab://msra/hrnet')


def test_the_cache_is_used_and_named_when_offline(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    url = 'http://127.0.0.1:9/hrnetv2_w32-dc9eeb4f.pth'  # nobody listens there
    cached = tmp_path / 'hub/checkpoints/hrnetv2_w32-dc9eeb4f.pth'
    with pytest.raises(files.NotReachableError, match=f'Put the file at {cached}'):
        local_file(url)
    assert not cached.exists()
    cached.write_bytes(b'x')
    assert local_file(url) == cached


def test_open_mmlab_names_stand_for_urls():
    url = files.url_of('open-mmlab://msra/hrnetv2_w32')
    assert url.endswith('hrnetv2_w32-dc9eeb4f.pth')


def test_pretrained_initialization(model, tmp_path):
    torch.save(model.state_dict(), tmp_path / 'weights.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    fresh = HRNet(ARCH, init_cfg=init)
    fresh.init_weights()
    assert torch.equal(fresh.conv1.weight, model.conv1.weight)
    with pytest.raises(UserError, match='does not fit HRNet'):
        HRNet('w18_small_v2', init_cfg=init).init_weights()


def test_a_detectors_checkpoint_initializes_its_backbone(model, tmp_path):
    detector = nn.ModuleDict(dict(backbone=model, neck=nn.Conv2d(1, 1, 1)))
    torch.save(dict(state_dict=detector.state_dict()), tmp_path / 'detector.pth')
    init = dict(type='hrnet_mm.Pretrained', checkpoint=str(tmp_path / 'detector.pth'))
    fresh = HRNet(ARCH, init_cfg=init)
    fresh.init_weights()
    assert torch.equal(fresh.conv1.weight, model.conv1.weight)
