"""A file of the cache is hashed once, and a damaged one is noticed."""

import hashlib

import download_case
from download_case import HASH, NAME, WEIGHTS, local_file

from hrnet_mm.weights import integrity

cache, server = download_case.cache, download_case.server  # fixtures


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
