"""A published file comes into the cache once, from whichever place has it."""

import hashlib
import multiprocessing
import ssl
from urllib.error import URLError

import download_case
import pytest
from download_case import NAME, WEIGHTS, local_file, names

from hrnet_mm.weights import downloads, transfer
from hrnet_mm.weights.locating import NotReachableError

cache, server = download_case.cache, download_case.server  # fixtures


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


def test_a_download_is_kept(server, cache):
    for _ in range(2):
        assert local_file(f'{server.url}/{NAME}?download=1') == cache / NAME
    assert (cache / NAME).read_bytes() == WEIGHTS
    assert names(cache) == {NAME}
    assert server.asked == [(f'/{NAME}?download=1', None)]


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
