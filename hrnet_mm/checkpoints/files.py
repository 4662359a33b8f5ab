"""From the name of a checkpoint to a file on this machine, and safely into memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlparse

import torch
from mmengine.logging import HistoryBuffer, print_log
from mmengine.runner.checkpoint import get_external_models, get_torchvision_models
from torch import hub

from ..errors import UserError

ALIASES = {
    'open-mmlab://': get_external_models,
    'openmmlab://': get_external_models,
    'torchvision://': get_torchvision_models,
    'modelzoo://': get_torchvision_models,
}


class NotReachableError(UserError):
    """The file is not on this machine and cannot be downloaded."""


def url_of(name: str) -> str:
    """A path or URL as it is; OpenMMLab's aliases as the URL they stand for."""
    for prefix, known in ALIASES.items():
        if name.startswith(prefix):
            alias = name[len(prefix) :]
            urls = known()
            if alias not in urls:
                raise UserError(f'{name}: no such name among those of {prefix}')
            return urls[alias]
    return name


def cache_folder() -> Path:
    """Where downloads are kept: TORCH_HOME decides, as for torch.hub."""
    return Path(hub.get_dir()) / 'checkpoints'


def local_file(name: str) -> Path:
    """Path of a checkpoint on this machine, downloaded on first use.

    Args:
        name: A path, an http(s) URL, or `open-mmlab://` or `torchvision://` and a name.

    Raises:
        UserError: There is no such file.
        NotReachableError: It is not in the cache and the download failed; the message
            says which file to put where.
    """
    url = url_of(str(name))
    if urlparse(url).scheme not in ('http', 'https'):
        if not Path(url).is_file():
            raise UserError(
                f'no checkpoint {url}: the path is neither a file nor a URL'
            )
        return Path(url)
    path = cache_folder() / os.path.basename(urlparse(url).path)
    if not path.is_file():
        download(url, path)
    return path


def download(url: str, path: Path) -> None:
    """Fetch a file, with a progress bar; checked where its name ends in a hash."""
    found = hub.HASH_REGEX.search(path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    print_log(f'downloading {url} to {path}', 'current')
    try:
        hub.download_url_to_file(url, str(path), found.group(1) if found else None)
    except (URLError, OSError, RuntimeError) as error:
        raise NotReachableError(
            f'cannot download {url} ({error}).\n'
            f'Put the file at {path}, by hand or from a machine with a network.'
        ) from error


def attribute_of_history_buffer(owner: Any, name: str) -> Any:
    """What `getattr` may do inside a checkpoint: name a method of HistoryBuffer."""
    if owner is not HistoryBuffer or name.startswith('_'):
        raise UserError(
            f'the checkpoint asks for {owner!r}.{name}, which is not allowed'
        )
    return getattr(owner, name)


def empty_bytes() -> bytes:
    """What `bytes()` may do inside a checkpoint: the content of an empty array."""
    return b''


def _allowed() -> list:
    """What mmengine itself stores beside tensors: its logs, and NumPy arrays.

    The latter are the colours and tolerances of mmpose's key points, for one.
    """
    import numpy as np

    multiarray = getattr(np, '_core', None) or np.core
    integers = (np.uint8, np.uint32, np.int32, np.int64)
    dtypes = (*integers, np.float32, np.float64, np.bool_)
    return [
        HistoryBuffer,
        slice,
        np.ndarray,
        np.dtype,
        multiarray.multiarray._reconstruct,
        multiarray.multiarray.scalar,
        (attribute_of_history_buffer, 'builtins.getattr'),
        (empty_bytes, 'builtins.bytes'),
        *{type(np.dtype(kind)) for kind in dtypes},
    ]


def read_checkpoint(path: str | Path, map_location: Any = 'cpu') -> dict[str, Any]:
    """Load a checkpoint file without ever executing what is in it.

    Raises:
        UserError: The file is damaged, or holds something else than tensors, plain
            values and mmengine's logs.
    """
    try:
        with torch.serialization.safe_globals(_allowed()):
            loaded = torch.load(path, map_location, weights_only=True)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f'{path} is not a checkpoint that can be loaded safely: {error}\n'
            'It is damaged, or it holds Python objects that would be executed. If you '
            'trust it, load it with torch and save its tensors: '
            "torch.save({'state_dict': ...}, 'clean.pth')"
        ) from error
    if not isinstance(loaded, dict):
        raise UserError(
            f'{path} holds a {type(loaded).__name__}; expected a dict of tensors, or '
            "one with the key 'state_dict'"
        )
    return loaded
