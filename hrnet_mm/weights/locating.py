"""From the name of a checkpoint to a file on this machine."""

from __future__ import annotations

import difflib
import os
import socket
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import getproxies

from ..errors import UserError
from . import downloads
from .downloads import NotReachableError, cache_folder
from .published import Weights, find, similar
from .reading import read_checkpoint

__all__ = [
    'NotReachableError',
    'cache_folder',
    'local_file',
    'read_checkpoint',
    'url_of',
]

# Which function of mmengine.runner.checkpoint has the table of names.
ALIASES = {
    'open-mmlab://': 'get_external_models',
    'openmmlab://': 'get_external_models',
    'mmcls://': 'get_mmcls_models',
    'torchvision://': 'get_torchvision_models',
    'modelzoo://': 'get_torchvision_models',
}
HUB = ('hf_hub:', 'hf-hub:')
HUB_FILES = ('model.safetensors', 'pytorch_model.bin')  # the safer one first


def url_of(name: str) -> str:
    """A path or URL as it is; OpenMMLab's aliases as the URL they stand for.

    Raises:
        UserError: There is no such alias, or mmengine, which knows them, is missing.
    """
    prefix = next((prefix for prefix in ALIASES if name.startswith(prefix)), None)
    if prefix is None:
        return name
    urls, renamed = _tables(prefix, name)
    alias = name[len(prefix) :]
    if alias not in urls:
        alias = renamed.get(alias, alias)
    if alias not in urls:
        hint = _did_you_mean(alias, urls, prefix)
        raise UserError(f'{name}: no such name among those of {prefix}{hint}')
    if '://' in urls[alias]:
        return urls[alias]
    return str(_mmengine_home() / urls[alias])  # named in the user's open_mmlab.json


def _tables(prefix: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The URLs by alias, and present aliases by those of former times: mmengine's."""
    try:
        from mmengine.runner import checkpoint

        urls = getattr(checkpoint, ALIASES[prefix])()
    except ImportError as error:  # of torchvision, too
        raise UserError(
            f'{name}: what {prefix} stands for is known to mmengine alone '
            f'({error}): pip install {error.name or "mmengine"}. Or give a path, a '
            'URL, or the name of published weights, as hrnet_w32_imagenet'
        ) from error
    return urls, checkpoint.get_deprecated_model_names()


def _mmengine_home() -> Path:
    cache = os.getenv('XDG_CACHE_HOME', '~/.cache')
    return Path(os.getenv('MMENGINE_HOME', f'{cache}/mmengine')).expanduser()


def _did_you_mean(name: str, known: object, prefix: str = '') -> str:
    near = difflib.get_close_matches(name, list(known), n=3)
    return f'; did you mean {", ".join(prefix + n for n in near)}?' if near else ''


def local_file(name: str | Path) -> Path:
    """Path of a checkpoint on this machine, downloaded on first use.

    Args:
        name: A path; an http(s) URL; `open-mmlab://`, `mmcls://` or `torchvision://`
            and a name; `hf_hub:timm/hrnet_w32.ms_in1k`, a model of Hugging Face's
            hub, `@` and a revision behind it if need be; or the name of published
            weights such as `hrnet_w32_imagenet`.

    Raises:
        UserError: There is no such file, and nothing published has that name.
        NotReachableError: It is not in the cache and the download failed; the message
            says which file to put where.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    weights = find(str(name))
    if weights:
        return _published(weights)
    url = url_of(str(name))
    if url.startswith(HUB):
        return _of_hub(url)
    if urlparse(url).scheme in ('http', 'https'):
        if downloads.file_name(url) in ('', '..'):
            raise UserError(f'{url} does not end in the name of a file')
        return downloads.fetch([url])
    if url.startswith('timm/'):
        return _of_hub(HUB[0] + url)
    if Path(url).is_file():  # of the user's open_mmlab.json
        return Path(url)
    near = similar(url)
    hint = f'; did you mean {", ".join(near)}?' if near else ''
    raise UserError(
        f'no checkpoint {url}: it is neither a file, nor a URL, nor the name of '
        f'published weights{hint}'
    )


def _published(weights: Weights) -> Path:
    """The file of published weights, from the first of its places that has it."""
    if not weights.urls:
        raise NotReachableError(
            f'{weights.name} cannot be downloaded by a program. Get it from '
            f'{weights.page} and give the path of the file'
        )
    web = [url for url in weights.urls if not url.startswith(HUB)]
    hub = [url for url in weights.urls if url.startswith(HUB)]
    failures = []
    tries = [lambda: downloads.fetch(web, weights.sha256)] if web else []
    tries += [lambda url=url: _of_hub(url) for url in hub]
    for fetch in tries:
        try:
            return fetch()
        except UserError as error:  # not reachable, or no library for the hub
            failures.append(str(error))
    raise NotReachableError('\n'.join(failures))


def _of_hub(name: str) -> Path:
    """A file of Hugging Face's hub, in its own cache (the variable HF_HOME)."""
    try:
        from huggingface_hub import constants, hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError
    except ImportError as error:
        text = f'{name} needs huggingface_hub: pip install huggingface_hub'
        raise UserError(text) from error
    model, _, revision = name[len(HUB[0]) :].partition('@')
    failures = []
    options = dict(
        revision=revision or None, local_files_only=_unknown_host(constants.ENDPOINT)
    )
    for file in HUB_FILES:
        try:
            return Path(hf_hub_download(model, file, **options))
        except EntryNotFoundError as error:  # there is none, or none in the cache
            failures.append(f'  {file}: {_in_short(error)}')
        except OSError as error:  # no such model, no right, no network
            failures.append(f'  {file}: {_in_short(error)}')
            break
        except ValueError as error:
            raise UserError(f'{name} is no name of the hub: {error}') from error
    tried = '\n'.join(failures)
    raise NotReachableError(
        f'cannot get {name}. Tried\n{tried}\n'
        'On a machine with a network, run\n'
        f'  hf download {model} {HUB_FILES[0]}\n'
        f'and copy its folder {constants.HF_HUB_CACHE} to this one; or give the path '
        'of the file.'
    )


def _unknown_host(url: str) -> bool:
    """Whether there is no network: the hub's library would try for most of a minute."""
    if getproxies():
        return False
    try:
        socket.getaddrinfo(urlparse(url).hostname, None)
    except OSError:
        return True
    return False


def _in_short(error: Exception) -> str:
    first = str(error).strip().partition('\n')[0].partition('. ')[0]
    return first or type(error).__name__
