"""Tests of names and downloads share a server, the cache, the hub and a file."""

import hashlib
import http.server
import io
import threading
from pathlib import Path

import pytest
import torch

from hrnet_mm.weights.locating import locate


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


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty cache of the hub, no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    return tmp_path / 'hub'


def put(hub: Path, file: str) -> Path:
    """Leave in the cache what the hub's own client would leave."""
    folder = hub / 'models--timm--hrnet_w32.ms_in1k'
    path = folder / 'snapshots' / ('a' * 40) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / 'refs').mkdir(exist_ok=True)
    (folder / 'refs/main').write_text('a' * 40)
    path.write_bytes(b'x')
    return path
