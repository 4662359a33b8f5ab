"""One file over HTTP goes on where it broke off, and is whole or not there."""

import json
import urllib.request

import download_case
import pytest
import torch
from download_case import NAME, WEIGHTS, local_file, names, saved

from hrnet_mm.weights.locating import NotReachableError

cache, server = download_case.cache, download_case.server  # fixtures


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


def test_a_proxy_is_used(server, cache, monkeypatch):
    monkeypatch.setattr(urllib.request, '_opener', None)  # made once in a process
    monkeypatch.setenv('http_proxy', server.url)
    monkeypatch.delenv('no_proxy', raising=False)
    monkeypatch.delenv('NO_PROXY', raising=False)
    server.content = {f'http://weights.example/{NAME}': WEIGHTS}
    assert local_file(f'http://weights.example/{NAME}').read_bytes() == WEIGHTS
