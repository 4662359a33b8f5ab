"""A published file in the cache, from whichever of its places has it."""

from __future__ import annotations

import logging
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlparse

from filelock import FileLock, Timeout
from torch import hub

from ..errors import UserError
from ..log import print_log
from .integrity import fault, remember
from .transfer import WrongFileError, download

# One storage under two names; the maintained one first.
MIRRORS = ('https://mmassets.onedl.ai/', 'https://download.openmmlab.com/')
# Digits of the SHA-256 at the end of a name: -HASH, -HASH_DATE or _HASH-DATE.
DATE = r'20[12]\d[01]\d[0-3]\d'
HASH = re.compile(
    rf'(?:-(?!{DATE}\.)([0-9a-f]{{8,64}})(?:_{DATE})?|_([0-9a-f]{{8,64}})-{DATE})'
    r'(?:\.[a-z0-9]+)+$'
)


class NotReachableError(UserError):
    """The file is not on this machine and cannot be downloaded."""


def cache_folder() -> Path:
    """Where downloads are kept: TORCH_HOME decides, as for torch.hub."""
    return Path(hub.get_dir()) / 'checkpoints'


def file_name(url: str) -> str:
    """Name of the file behind a URL, without what comes after a question mark."""
    return Path(unquote(urlparse(url).path)).name


def hash_of(name: str) -> str:
    """The digits of the SHA-256 that a file's name ends in; empty if there are none."""
    found = HASH.search(name)
    return (found[1] or found[2]) if found else ''


def places(urls: Sequence[str]) -> list[str]:
    """All URLs of a file: those of OpenMMLab's storage on each of its mirrors."""
    known = []
    for url in urls:
        home = next((mirror for mirror in MIRRORS if url.startswith(mirror)), None)
        known += [url] if home is None else [m + url[len(home) :] for m in MIRRORS]
    return list(dict.fromkeys(known))


def fetch(urls: Sequence[str], sha256: str = '') -> Path:
    """A file from the cache, or downloaded from the first place that has it.

    Several processes download once: the others wait, then find it in the cache.

    Args:
        urls: Where it can be had, the first choice first. OpenMMLab's mirrors are
            added.
        sha256: First digits of its hash, where its name does not end in them.

    Returns:
        Its path in the cache.

    Raises:
        NotReachableError: No place has it; the message says what each answered, and
            which file to put where.
    """
    nameless = [url for url in urls if file_name(url) in ('', '..')]
    if nameless:
        raise UserError(f'{nameless[0]} does not end in the name of a file')
    known = places(urls)
    paths = [cache_folder() / name for name in dict.fromkeys(map(file_name, known))]
    for path in paths:
        if path.is_file() and not fault(path, hash_of(path.name) or sha256):
            remember(path)
            return path
    with _alone(paths[0]):
        for path in paths:
            if path.is_file() and _still_good(path, hash_of(path.name) or sha256):
                return path
        return _first(known, sha256, paths[0])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock beside a file, waiting for another process if need be."""
    lock = FileLock(f'{path}.lock')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print_log(f'another process downloads {path.name}: waiting')
            lock.acquire()
    except OSError as error:
        raise NotReachableError(
            f'{path.name} is to be kept in {path.parent}, which cannot be written to '
            f'({error.strerror}). The environment variable TORCH_HOME names another '
            'folder'
        ) from error
    try:
        yield
    finally:
        lock.release()


def _still_good(path: Path, digest: str) -> bool:
    """Whether a cached file can be used; one that cannot is moved aside."""
    reason = fault(path, digest)
    if reason:
        aside = path.with_name(f'{path.name}.damaged')
        os.replace(path, aside)
        text = f'{path} {reason}. It is now {aside.name}; downloading it again'
        print_log(text, logging.WARNING)
    return not reason


def _first(known: Sequence[str], sha256: str, path: Path) -> Path:
    """Download from the first place that has the file."""
    failures = []
    for url in known:
        target = path.with_name(file_name(url))
        try:
            download(url, target, hash_of(target.name) or sha256)
        except (OSError, HTTPException, WrongFileError) as error:
            failures.append(f'  {url}: {_explained(url, error)}')
        else:
            remember(target)
            return target
    tried = '\n'.join(failures)
    raise NotReachableError(
        f'cannot download {path.name}. Tried\n{tried}\n'
        f'Put the file at {path}, by hand or from a machine with a network.'
    )


def _explained(url: str, error: Exception) -> str:
    reason = getattr(error, 'reason', error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        host = urlparse(url).hostname
        return f'the certificate of {host} is not accepted ({reason.verify_message})'
    if isinstance(error, HTTPError):
        return f'HTTP {error.code} {reason}'
    return str(reason) or type(reason).__name__
