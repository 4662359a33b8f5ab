"""A file is downloaded over HTTP, resumed after an interruption, and verified."""

from __future__ import annotations

import json
import os
import re
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ..log import print_log
from .integrity import CHUNK, fault, note_of

if TYPE_CHECKING:
    from rich.progress import Progress

TIMEOUT = 30  # seconds without an answer
TRIES = 3  # per URL, as long as each brings more of the file


class WrongFileError(Exception):
    """The received content is not the requested file."""


def download(url: str, path: Path, digest: str) -> None:
    """Download a file from one URL, resuming an interrupted download.

    Args:
        url: URL of the file.
        path: Target path; the file appears there complete and verified, or not at all.
        digest: First digits of its SHA-256; empty if they are not known.

    Raises:
        WrongFileError: The content is not the requested file; it is removed.
        OSError: The connection failed; the part received so far stays in `PATH.part`.
        HTTPException: The connection failed, as for OSError.
    """
    part = Part(path, url, digest)
    print_log(f'downloading {url} to {path}')
    for attempt in range(1, TRIES + 1):
        before = part.size
        try:
            part.receive()
            break
        except (OSError, HTTPException):
            if attempt == TRIES or part.size <= before:
                raise
    reason = fault(part.path, digest)
    if reason:
        part.remove()
        raise WrongFileError(f'what it sends {reason}')
    os.replace(part.path, path)
    if note_of(part.path).is_file():
        os.replace(note_of(part.path), note_of(path))
    part.remove()


class Part:
    """A `Part` is the received part of a file, with a note of the URL it is from."""

    def __init__(self, path: Path, url: str, digest: str) -> None:
        self.path = path.with_name(f'{path.name}.part')
        self.note = path.with_name(f'{path.name}.part.json')
        self.name = path.name
        self.url = url
        self.digest = digest

    @property
    def size(self) -> int:
        """Return the number of bytes received so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def remove(self) -> None:
        """Delete the part and what is noted of it."""
        for path in (self.path, self.note, note_of(self.path)):
            path.unlink(missing_ok=True)

    def _headers(self) -> dict[str, str]:
        """Return headers that ask for the rest of the file, or for all of it.

        The rest is requested only if a mix of two files would be noticed: the server
        compares versions (If-Range), or a hash is checked at the end.
        """
        headers = {'User-Agent': 'hrnet_mm', 'Accept-Encoding': 'identity'}
        version = self._noted().get('version') if self.size else None
        if version:
            headers['If-Range'] = version
        if version or (self.size and self.digest):
            headers['Range'] = f'bytes={self.size}-'
        return headers

    def _noted(self) -> dict:
        """Return the note, or an empty dict if it is missing or about another URL."""
        try:
            note = json.loads(self.note.read_text())
        except (OSError, ValueError):
            return {}
        return note if note.get('url') == self.url else {}

    def receive(self) -> None:
        """Receive the rest, or the whole file if the server does not send parts.

        Raises:
            OSError: The connection broke, or the server sends an error.
            HTTPException: The answer is not valid HTTP, or is incomplete.
        """
        request = Request(self.url, headers=self._headers())
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:
                start, total = _span(answer)
                same = total == self._noted().get('total', total)
                if start == 0 or (start == self.size and same):
                    self._write(answer, start, total)
                    return
        except HTTPError as error:
            if error.code != 416:  # the part is not shorter than the file
                raise
        if not self.size:
            raise OSError('sends a part of the file, but was asked for all of it')
        self.remove()  # it belongs to another file
        self.receive()

    def _write(self, answer: HTTPResponse, start: int, total: int | None) -> None:
        if not start:
            self._write_note(answer, total)
        with self.path.open('ab' if start else 'wb') as file, _bar() as bar:
            task = bar.add_task(self.name, total=total, completed=start)
            while block := answer.read(CHUNK):
                file.write(block)
                bar.advance(task, len(block))
        if total is not None and self.size < total:
            raise OSError(f'the connection broke after {self.size} of {total} bytes')

    def _write_note(self, answer: HTTPResponse, total: int | None) -> None:
        tag = answer.headers.get('ETag', '')
        strong = tag if tag.startswith('"') else answer.headers.get('Last-Modified')
        note = dict(url=self.url, version=strong, total=total)
        self.note.write_text(json.dumps(note))


def _span(answer: HTTPResponse) -> tuple[int, int | None]:
    """Return the offset of an answer's first byte and the length of the whole file."""
    part = re.match(r'bytes (\d+)-', answer.headers.get('Content-Range', ''))
    start = int(part[1]) if answer.status == 206 and part else 0
    length = answer.headers.get('Content-Length')
    return start, start + int(length) if length else None


def _bar() -> Progress:
    from rich import progress  # imported late, as most files are in the cache

    return progress.Progress(
        progress.TextColumn('{task.description}'),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
