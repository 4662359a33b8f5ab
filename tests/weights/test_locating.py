"""From a name to a file on this machine."""

from collections import Counter

import download_case
import pytest
import torch
from download_case import HASH, NAME, WEIGHTS, local_file, put, saved

from hrnet_mm.errors import UserError
from hrnet_mm.weights import locating
from hrnet_mm.weights.locating import NotReachableError, locate
from hrnet_mm.weights.published import Weights

# Fixtures
cache = download_case.cache
hub = download_case.hub
server = download_case.server


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('nowhere.pth', 'no checkpoint nowhere.pth: it is neither a file, nor a URL'),
        ('open-mmlab://msra/hrnetv2_w33', 'mean open-mmlab://msra/hrnetv2_w32, '),
        ('hrnet_w32_imagenett', 'did you mean hrnet_w32_imagenet'),
        ('hf_hub:timm/a b', 'hf_hub:timm/a b is no name of the hub: Repo id must'),
        ('http://[', r"'http://\[' is no URL: Invalid IPv6 URL"),
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


def test_what_was_found_is_handed_on(tmp_path):
    path = tmp_path / 'hrnetv2_w32-dc9eeb4f.pth'
    path.write_bytes(WEIGHTS)
    located = locate(path)
    assert (located.name, located.path) == (str(path), path)
    assert located.row.name == 'hrnet_w32_imagenet'
    assert located.read()['weight'].shape == (60000,)


def test_a_damaged_file_of_the_user_stays(tmp_path):
    (tmp_path / NAME).write_bytes(b'mine')
    assert local_file(tmp_path / NAME).read_bytes() == b'mine'


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


def test_the_hub_is_the_last_place_of_published_weights(hub, cache, monkeypatch):
    urls = 'http://127.0.0.1:9/a.pth', 'hf_hub:timm/hrnet_w32.ms_in1k'
    monkeypatch.setattr(locating, 'find', dict(w=row(urls=urls)).get)
    with pytest.raises(NotReachableError) as error:
        local_file('w')
    assert 'Connection refused' in str(error.value)
    assert 'cannot get hf_hub:timm' in str(error.value)
    path = put(hub, 'model.safetensors')
    assert local_file('w').samefile(path)
