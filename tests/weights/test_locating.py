"""From a name to a file on this machine, and from the file to a dict of tensors."""

import argparse
import hashlib
import http.server
import io
import json
import multiprocessing
import pickle
import shlex
import ssl
import sys
import tarfile
import threading
import urllib.request
import zipfile
from collections import Counter
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from safetensors.torch import save_file

from hrnet_mm.errors import UserError
from hrnet_mm.weights import aliases, downloads, integrity, locating, transfer
from hrnet_mm.weights.locating import NotReachableError, locate, read_checkpoint
from hrnet_mm.weights.published import Weights


def saved(**content) -> bytes:
    """The bytes of a file that torch writes."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


WEIGHTS = saved(weight=torch.arange(60000.0))
HASH = hashlib.sha256(WEIGHTS).hexdigest()[:8]
NAME = f'weights-{HASH}.pth'


def local_file(name) -> Path:
    """The file of a name."""
    return locate(name).path


# Reading


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
        (b'not a checkpoint', r'damaged or of an unknown kind \(Unsupported operand'),
        (b'\n<!DOCTYPE html><p>log in</p>', 'is an HTML page'),
        (b'version https://git-lfs.github.com/spec/v1\n', 'run `git lfs pull`'),
        (WEIGHTS[:5000], 'is cut off'),
        (WEIGHTS[::-1], 'damaged or of an unknown kind'),
        (safetensors(300), 'damaged or of an unknown kind'),
        (tar(), 'is an archive that torch has not written'),
        (tar() + archive('a/data.pkl'), 'is an archive that torch has not written'),
        (program(), 'is a TorchScript program'),
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


# Names


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('nowhere.pth', 'no checkpoint nowhere.pth: it is neither a file, nor a URL'),
        ('open-mmlab://msra/hrnetv2_w33', 'mean open-mmlab://msra/hrnetv2_w32, '),
        ('hrnet_w32_imagenett', 'did you mean hrnet_w32_imagenet'),
        ('hf_hub:timm/a b', 'hf_hub:timm/a b is no name of the hub: Repo id must'),
        ('https://example.org/', 'does not end in the name of a file'),
        ('https://example.org/a/..', 'does not end in the name of a file'),
    ],
)
def test_no_such_name(name, message):
    with pytest.raises(UserError, match=message):
        local_file(name)


def test_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'weights.pth').write_bytes(b'')  # not looked into
    assert local_file('~/weights.pth') == tmp_path / 'weights.pth'


@pytest.mark.parametrize(
    ('name', 'end'),
    [
        ('open-mmlab://msra/hrnetv2_w32', '/hrnetv2_w32-dc9eeb4f.pth'),
        ('openmmlab://msra/hrnetv2_w32', '/hrnetv2_w32-dc9eeb4f.pth'),
        ('openmmlab://resnet50_caffe', '/resnet50_caffe-788b5fa3.pth'),  # an old name
        pytest.param(
            *('torchvision://resnet50', '/resnet50-0676ba61.pth'),
            marks=pytest.mark.slow,  # imports torchvision
        ),
        pytest.param(
            *('modelzoo://resnet50', '/resnet50-0676ba61.pth'),
            marks=pytest.mark.slow,
        ),
        ('mmcls://vgg11', '/vgg11_batch256_imagenet_20210208-4271cd6c.pth'),
        ('weights.pth', 'weights.pth'),
    ],
)
def test_aliases_stand_for_urls(name, end):
    assert aliases.address_of(name).endswith(end)


def test_names_of_the_users_own_list(tmp_path, monkeypatch):
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path))
    (tmp_path / 'open_mmlab.json').write_text('{"mine": "weights/mine.pth"}')
    assert aliases.address_of('open-mmlab://mine') == str(tmp_path / 'weights/mine.pth')


@pytest.mark.parametrize(
    ('name', 'digits'),
    [
        ('hrnetv2_w32-dc9eeb4f.pth', 'dc9eeb4f'),
        ('td-hm_hrnet-w32_8xb64_humanart-256x192-0773ef0b_20230614.pth', '0773ef0b'),
        ('resnet50-0676ba61.pth.tar', '0676ba61'),
        ('hrnet_cs_8090_torch11.pth', ''),
        ('fcn_hr18-20200614.pth', ''),  # a date
        ('model-2.pth', ''),
    ],
)
def test_hashes_in_names(name, digits):
    assert downloads.hash_of(name) == digits


# Downloads


class Server(http.server.ThreadingHTTPServer):
    """Serves files from memory, as badly as a test asks for.

    Attributes:
        content: Bytes by path.
        asked: Path and first byte of each request; None for a whole file.
        ranges: Whether it can send a part.
        versions: Whether it names the version of a file (ETag).
        break_after: Bytes after which it breaks the connection, for each coming answer.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server_port}'
        self.content = {f'/{NAME}': WEIGHTS}
        self.asked = []
        self.ranges = self.versions = True
        self.break_after = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers['Range']
        start = int(wanted[len('bytes=') : -1]) if wanted else None
        server.asked.append((self.path, start))
        content = server.content.get(self.path.partition('?')[0])
        if content is None:
            self.send_error(404)
            return
        version = f'"{hashlib.md5(content).hexdigest()}"'
        if self.headers.get('If-Range', version) != version or not server.ranges:
            start = None
        if start is not None and start >= len(content):
            self.send_error(416)
            return
        rest = content[start or 0 :]
        self.send_response(200 if start is None else 206)
        self.send_header('Content-Length', str(len(rest)))
        if server.versions:
            self.send_header('ETag', version)
        if start is not None:
            last = len(content) - 1
            self.send_header('Content-Range', f'bytes {start}-{last}/{len(content)}')
        self.end_headers()
        end = server.break_after.pop(0) if server.break_after else None
        self.wfile.write(rest[:end])

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    return tmp_path / 'torch/hub/checkpoints'


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.suffix not in ('.lock', '.sha256')}


def test_a_download_is_kept(server, cache):
    for _ in range(2):
        assert local_file(f'{server.url}/{NAME}?download=1') == cache / NAME
    assert (cache / NAME).read_bytes() == WEIGHTS
    assert names(cache) == {NAME}
    assert server.asked == [(f'/{NAME}?download=1', None)]


def test_a_cached_file_is_hashed_once(server, cache, monkeypatch):
    hashed = []
    digest = hashlib.sha256

    def counting(*content):
        hashed.append(content)
        return digest(*content)

    local_file(f'{server.url}/{NAME}')
    monkeypatch.setattr(integrity.hashlib, 'sha256', counting)
    for _ in range(3):
        local_file(f'{server.url}/{NAME}')
    assert hashed == []
    assert (cache / f'{NAME}.sha256').read_text().startswith(HASH)
    (cache / NAME).write_bytes(b'x' * len(WEIGHTS))  # of the same size
    assert local_file(f'{server.url}/{NAME}').read_bytes() == WEIGHTS
    assert (cache / f'{NAME}.damaged').is_file()


def test_what_was_found_is_handed_on(tmp_path):
    path = tmp_path / 'hrnetv2_w32-dc9eeb4f.pth'
    path.write_bytes(WEIGHTS)
    located = locate(path)
    assert (located.name, located.path) == (str(path), path)
    assert located.row.name == 'hrnet_w32_imagenet'
    assert located.read()['weight'].shape == (60000,)


def test_an_interrupted_download_goes_on(server, cache):
    server.break_after = [100_000, 50_000]
    local_file(f'{server.url}/{NAME}')
    assert [start for _, start in server.asked] == [None, 100_000, 150_000]
    assert (cache / NAME).read_bytes() == WEIGHTS
    assert names(cache) == {NAME}


def interrupt(server, name):
    """Leave the first bytes in the cache, 150000 where the server sends parts."""
    server.break_after = [100_000, 50_000, 0]
    with pytest.raises(NotReachableError, match=r'broke after \d+ of \d+ bytes'):
        local_file(f'{server.url}/{name}')
    server.asked.clear()
    server.break_after.clear()


def test_what_came_is_kept_for_the_next_time(server, cache):
    interrupt(server, NAME)
    assert (cache / f'{NAME}.part').read_bytes() == WEIGHTS[:150_000]
    assert not (cache / NAME).exists()
    local_file(f'{server.url}/{NAME}')
    assert [start for _, start in server.asked] == [150_000]
    assert (cache / NAME).read_bytes() == WEIGHTS


@pytest.mark.parametrize('known_hash', [True, False])
def test_a_server_that_sends_no_parts(server, cache, known_hash):
    name = NAME if known_hash else 'weights.pth'
    server.content[f'/{name}'] = WEIGHTS
    interrupt(server, name)
    server.ranges = False
    local_file(f'{server.url}/{name}')
    assert (cache / name).read_bytes() == WEIGHTS
    assert names(cache) == {name}


@pytest.mark.parametrize('versions', [True, False])
@pytest.mark.parametrize('length', [60000, 30000])
def test_parts_of_two_versions_are_not_joined(server, cache, versions, length):
    server.versions = versions
    server.content['/latest.pth'] = WEIGHTS
    interrupt(server, 'latest.pth')
    other = saved(weight=-torch.arange(float(length)))
    server.content['/latest.pth'] = other
    local_file(f'{server.url}/latest.pth')
    assert (cache / 'latest.pth').read_bytes() == other


def test_a_part_longer_than_the_file(server, cache):
    cache.mkdir(parents=True)
    (cache / f'{NAME}.part').write_bytes(bytes(len(WEIGHTS) + 1))
    local_file(f'{server.url}/{NAME}')
    assert [start for _, start in server.asked] == [len(WEIGHTS) + 1, None]
    assert (cache / NAME).read_bytes() == WEIGHTS


def test_a_file_of_another_length_is_not_the_same(server, cache):
    server.content['/latest.pth'] = WEIGHTS
    interrupt(server, 'latest.pth')
    note = cache / 'latest.pth.part.json'
    note.write_text(json.dumps(dict(json.loads(note.read_text()), total=1)))
    local_file(f'{server.url}/latest.pth')
    assert [start for _, start in server.asked] == [150_000, None]
    assert (cache / 'latest.pth').read_bytes() == WEIGHTS


@pytest.fixture
def mirrors(server, monkeypatch):
    known = f'{server.url}/new/', f'{server.url}/old/'
    monkeypatch.setattr(downloads, 'MIRRORS', known)
    return known


@pytest.mark.parametrize(
    ('first', 'answer'),
    [
        (None, 'HTTP 404 Not Found'),
        (b'', 'what it sends is empty'),
        (b'<html>sign in</html>', 'what it sends is an HTML page'),
        (
            b'other',
            f'what it sends has the hash {hashlib.sha256(b"other").hexdigest()[:8]}',
        ),
    ],
)
def test_the_second_mirror_is_asked(server, cache, mirrors, first, answer):
    server.content = {f'/new/{NAME}': first}
    with pytest.raises(NotReachableError) as error:
        local_file(f'{mirrors[1]}{NAME}')
    assert f'{mirrors[0]}{NAME}: {answer}' in str(error.value)
    assert f'{mirrors[1]}{NAME}: HTTP 404 Not Found' in str(error.value)
    assert f'Put the file at {cache / NAME}' in str(error.value)
    assert names(cache) == set()
    server.content[f'/old/{NAME}'] = WEIGHTS
    server.asked.clear()
    assert local_file(f'{mirrors[1]}{NAME}').read_bytes() == WEIGHTS
    assert [path for path, _ in server.asked] == [f'/new/{NAME}', f'/old/{NAME}']


def test_a_mirror_goes_on_where_another_broke_off(server, cache, mirrors):
    server.content = {f'/{key}/{NAME}': WEIGHTS for key in ('new', 'old')}
    server.break_after = [100_000, 0]
    local_file(f'{mirrors[0]}{NAME}')
    assert [start for _, start in server.asked] == [None, 100_000, 100_000]
    assert server.asked[-1][0] == f'/old/{NAME}'
    assert (cache / NAME).read_bytes() == WEIGHTS


def test_both_mirrors_are_known():
    path = 'pretrain/third_party/hrnetv2_w32-dc9eeb4f.pth'
    both = [
        f'https://mmassets.onedl.ai/{path}',
        f'https://download.openmmlab.com/{path}',
    ]
    assert downloads.places([both[1]]) == both
    assert downloads.places([both[0], 'https://x.org/a.pth', both[1]]) == [
        *both,
        'https://x.org/a.pth',
    ]


def test_offline_every_url_and_the_place_are_named(cache):
    url = f'http://127.0.0.1:9/{NAME}'  # nobody listens there
    with pytest.raises(NotReachableError) as error:
        local_file(url)
    assert f'{url}: [Errno 111] Connection refused' in str(error.value)
    assert f'Put the file at {cache / NAME}' in str(error.value)
    (cache / NAME).write_bytes(WEIGHTS)
    assert local_file(url) == cache / NAME


@pytest.mark.parametrize('content', [b'', b'x', WEIGHTS[:-100]])
def test_a_damaged_file_in_the_cache_is_moved_aside(server, cache, content, caplog):
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(content)
    assert local_file(f'{server.url}/{NAME}').read_bytes() == WEIGHTS
    assert (cache / f'{NAME}.damaged').read_bytes() == content


def test_a_damaged_file_of_the_user_stays(tmp_path):
    (tmp_path / NAME).write_bytes(b'mine')
    assert local_file(tmp_path / NAME).read_bytes() == b'mine'


def test_an_expired_certificate_names_the_host(cache, monkeypatch):
    failed = ssl.SSLCertVerificationError('verify failed')
    failed.verify_message = 'certificate has expired'

    def refuse(request, timeout):
        raise URLError(failed)

    monkeypatch.setattr(transfer, 'urlopen', refuse)
    message = 'certificate of download.openmmlab.com is not accepted .*has expired'
    with pytest.raises(NotReachableError, match=message):
        local_file('open-mmlab://msra/hrnetv2_w32')


def test_a_cache_that_cannot_be_written_to(tmp_path, monkeypatch):
    (tmp_path / 'file').write_bytes(b'')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'file'))
    with pytest.raises(NotReachableError, match='TORCH_HOME names another folder'):
        local_file(f'http://127.0.0.1:9/{NAME}')


def test_a_proxy_is_used(server, cache, monkeypatch):
    monkeypatch.setattr(urllib.request, '_opener', None)  # made once in a process
    monkeypatch.setenv('http_proxy', server.url)
    monkeypatch.delenv('no_proxy', raising=False)
    monkeypatch.delenv('NO_PROXY', raising=False)
    server.content = {f'http://weights.example/{NAME}': WEIGHTS}
    assert local_file(f'http://weights.example/{NAME}').read_bytes() == WEIGHTS


def test_processes_download_once(server, cache):
    fork = multiprocessing.get_context('fork')
    together = [
        fork.Process(target=local_file, args=(f'{server.url}/{NAME}',))
        for _ in range(4)
    ]
    for process in together:
        process.start()
    for process in together:
        process.join(60)
    assert [process.exitcode for process in together] == [0] * 4
    assert server.asked == [(f'/{NAME}', None)]
    assert (cache / NAME).read_bytes() == WEIGHTS


# Published names, and Hugging Face's hub


def row(**fields) -> Weights:
    return Weights(
        **dict(name='w', task='pose', arch='w32', upsample='nearest', data='COCO'),
        **dict(source='', licence='MIT', **fields),
    )


def test_published_names_have_several_urls_and_a_hash(server, cache, monkeypatch):
    urls = (f'{server.url}/gone.pth', f'{server.url}/other.pth', f'{server.url}/b.pth')
    server.content = {'/other.pth': saved(weight=torch.ones(1)), '/b.pth': WEIGHTS}
    weights = row(urls=urls, sha256=HASH)
    monkeypatch.setattr(locating, 'find', dict(somebody=weights).get)
    assert local_file('somebody') == cache / 'b.pth'
    assert local_file('somebody') == cache / 'b.pth'
    assert Counter(path for path, _ in server.asked) == {
        '/gone.pth': 1,
        '/other.pth': 1,
        '/b.pth': 1,
    }


def test_published_weights_without_a_url_name_the_page(monkeypatch):
    found = dict(somebody=row(page='https://page.example')).get
    monkeypatch.setattr(locating, 'find', found)
    with pytest.raises(NotReachableError, match='Get it from https://page.example'):
        local_file('somebody')


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty cache of the hub, no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    return tmp_path / 'hub'


def put(hub: Path, file: str) -> Path:
    """What the hub's own client leaves in its cache."""
    folder = hub / 'models--timm--hrnet_w32.ms_in1k'
    path = folder / 'snapshots' / ('a' * 40) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / 'refs').mkdir(exist_ok=True)
    (folder / 'refs/main').write_text('a' * 40)
    path.write_bytes(b'x')
    return path


@pytest.mark.parametrize('prefix', ['hf_hub:', 'hf-hub:', ''])
def test_the_hubs_cache_is_used_and_the_safer_file_preferred(hub, prefix):
    name = f'{prefix}timm/hrnet_w32.ms_in1k'
    for file in ('pytorch_model.bin', 'model.safetensors'):
        path = put(hub, file)
        assert local_file(name).samefile(path)


def test_the_hub_offline(hub):
    with pytest.raises(NotReachableError) as error:
        local_file('hf_hub:timm/hrnet_w32.ms_in1k')
    message = str(error.value)
    assert 'cannot get hf_hub:timm/hrnet_w32.ms_in1k. Tried\n  model.saf' in message
    assert '  pytorch_model.bin: ' in message
    assert 'hf download timm/hrnet_w32.ms_in1k model.safetensors\n' in message
    assert str(hub) in message


def test_the_hub_is_the_last_place_of_published_weights(hub, cache, monkeypatch):
    urls = 'http://127.0.0.1:9/a.pth', 'hf_hub:timm/hrnet_w32.ms_in1k'
    monkeypatch.setattr(locating, 'find', dict(w=row(urls=urls)).get)
    with pytest.raises(NotReachableError) as error:
        local_file('w')
    assert 'Connection refused' in str(error.value)
    assert 'cannot get hf_hub:timm' in str(error.value)
    path = put(hub, 'model.safetensors')
    assert local_file('w').samefile(path)


def test_a_revision_of_the_hub(hub):
    put(hub, 'model.safetensors')
    assert local_file(f'hf_hub:timm/hrnet_w32.ms_in1k@{"a" * 40}').is_file()
    with pytest.raises(NotReachableError):
        local_file('hf_hub:timm/hrnet_w32.ms_in1k@other')


def test_without_huggingface_hub(monkeypatch):
    monkeypatch.setitem(sys.modules, 'huggingface_hub', None)
    with pytest.raises(UserError, match='pip install huggingface_hub'):
        local_file('hf_hub:timm/hrnet_w32.ms_in1k')
