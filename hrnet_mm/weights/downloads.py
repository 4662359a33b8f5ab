"""A published file is downloaded into the cache from the first URL that has it."""

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
from .integrity import fault
from .transfer import WrongFileError, download

# Both host names serve the same storage; the maintained one comes first.
MIRRORS = ('https://mmassets.onedl.ai/', 'https://download.openmmlab.com/')
# A file name may end in digits of its SHA-256: -HASH, -HASH_DATE or _HASH-DATE.
DATE = r'20[12]\d[01]\d[0-3]\d'
HASH = re.compile(
    rf'(?:-(?!{DATE}\.)([0-9a-f]{{8,64}})(?:_{DATE})?|_([0-9a-f]{{8,64}})-{DATE})'
    r'(?:\.[a-z0-9]+)+$'
)


class NotReachableError(UserError):
    """A checkpoint is neither on this machine nor can it be downloaded."""


def cache_folder() -> Path:
    """Return the folder of downloads, which TORCH_HOME sets as for torch.hub."""
    return Path(hub.get_dir()) / 'checkpoints'


def file_name(url: str) -> str:
    """Return the file name at the end of a URL, without its query string.

    Raises:
        UserError: The URL has no form of a URL.
    """
    try:
        return Path(unquote(urlparse(url).path)).name
    except ValueError as error:
        raise UserError(f'{url!r} is no URL: {error}') from error


def hash_of(name: str) -> str:
    """Return the SHA-256 digits at the end of a file name, or an empty string."""
    found = HASH.search(name)
    return (found[1] or found[2]) if found else ''


def places(urls: Sequence[str]) -> list[str]:
    """Return all URLs of a file, with every mirror of OpenMMLab's storage added."""
    known = []
    for url in urls:
        home = next((mirror for mirror in MIRRORS if url.startswith(mirror)), None)
        known += [url] if home is None else [m + url[len(home) :] for m in MIRRORS]
    return list(dict.fromkeys(known))


def fetch(urls: Sequence[str], sha256: str = '') -> Path:
    """Return a file from the cache, downloading it first if necessary.

    If several processes ask for it, one downloads and the others wait for the file.

    Args:
        urls: URLs of the file in order of preference. OpenMMLab's mirrors are added.
        sha256: First digits of the file's hash, used if its name does not end in them.

    Returns:
        The path of the file in the cache.

    Raises:
        NotReachableError: No URL has the file; the message lists the answer of each,
            and says which file to put where.
        UserError: A URL does not end in a file name.
    """
    nameless = [url for url in urls if file_name(url) in ('', '..')]
    if nameless:
        raise UserError(f'{nameless[0]} does not end in the name of a file')
    known = places(urls)
    paths = [cache_folder() / name for name in dict.fromkeys(map(file_name, known))]
    for path in paths:
        if path.is_file() and not fault(path, hash_of(path.name) or sha256):
            return path
    with _alone(paths[0]):
        for path in paths:
            if path.is_file() and _still_good(path, hash_of(path.name) or sha256):
                return path
        return _first(known, sha256, paths[0])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file beside a file, waiting for other processes to release it."""
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
    """Tell whether a cached file is intact; a damaged one is moved aside."""
    reason = fault(path, digest)
    if reason:
        aside = path.with_name(f'{path.name}.damaged')
        os.replace(path, aside)
        text = f'{path} {reason}. It is now {aside.name}; downloading it again'
        print_log(text, logging.WARNING)
    return not reason


def _first(known: Sequence[str], sha256: str, path: Path) -> Path:
    """Download a file from the first URL that has it."""
    failures = []
    for url in known:
        target = path.with_name(file_name(url))
        try:
            download(url, target, hash_of(target.name) or sha256)
        except (OSError, HTTPException, WrongFileError) as error:
            failures.append(f'  {url}: {_explained(url, error)}')
        else:
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
