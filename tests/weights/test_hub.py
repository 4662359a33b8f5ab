"""Checkpoints on Hugging Face's hub, from its cache and without a network."""

import sys

import download_case
import pytest
from download_case import local_file, put

from hrnet_mm.errors import UserError
from hrnet_mm.weights.locating import NotReachableError

hub = download_case.hub  # a fixture


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


def test_a_revision_of_the_hub(hub):
    put(hub, 'model.safetensors')
    assert local_file(f'hf_hub:timm/hrnet_w32.ms_in1k@{"a" * 40}').is_file()
    with pytest.raises(NotReachableError):
        local_file('hf_hub:timm/hrnet_w32.ms_in1k@other')


def test_without_huggingface_hub(monkeypatch):
    monkeypatch.setitem(sys.modules, 'huggingface_hub', None)
    with pytest.raises(UserError, match='pip install huggingface_hub'):
        local_file('hf_hub:timm/hrnet_w32.ms_in1k')
