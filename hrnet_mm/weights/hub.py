"""Hugging Face's own library downloads checkpoints from its hub into its cache."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import getproxies

from ..errors import UserError
from .downloads import NotReachableError

HUB = ('hf_hub:', 'hf-hub:')
FILES = ('model.safetensors', 'pytorch_model.bin')  # the safer one first


def of_hub(name: str) -> Path:
    """Return the weights file of a model on the hub, downloading it if necessary.

    The environment variable HF_HOME sets the folder of the hub's cache.

    Args:
        name: Name such as `hf_hub:timm/hrnet_w32.ms_in1k`, optionally followed by `@`
            and a revision.

    Returns:
        The path of the file in the hub's cache.

    Raises:
        NotReachableError: The file is not in the cache and cannot be downloaded.
        UserError: The hub does not allow such a name, or huggingface_hub is not
            installed.
    """
    try:
        from huggingface_hub import constants, hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError
    except ImportError as error:
        text = f'{name} needs huggingface_hub: pip install huggingface_hub'
        raise UserError(text) from error
    model, _, revision = name.partition(':')[2].partition('@')
    offline = unknown_host(constants.ENDPOINT)
    failures = []
    for file in FILES:
        try:
            found = hf_hub_download(
                model, file, revision=revision or None, local_files_only=offline
            )
            return Path(found)
        except EntryNotFoundError as error:  # not on the hub, or not in the cache
            failures.append(f'  {file}: {in_short(error)}')
        except OSError as error:  # no such model, no access, no network
            failures.append(f'  {file}: {in_short(error)}')
            break
        except ValueError as error:
            raise UserError(f'{name} is no name of the hub: {error}') from error
    tried = '\n'.join(failures)
    raise NotReachableError(
        f'cannot get {name}. Tried\n{tried}\n'
        'On a machine with a network, run\n'
        f'  hf download {model} {FILES[0]}\n'
        f'and copy its folder {constants.HF_HUB_CACHE} to this one; or give the path '
        'of the file.'
    )


def unknown_host(url: str) -> bool:
    """Tell whether a URL's host cannot be resolved, so that no download is tried.

    The hub's library would retry for most of a minute. A proxy may resolve the host.
    """
    if getproxies():
        return False
    try:
        socket.getaddrinfo(urlparse(url).hostname, None)
    except OSError:
        return True
    return False


def in_short(error: Exception) -> str:
    """Return the first sentence of an error message, or the name of its class."""
    first = str(error).strip().partition('\n')[0].partition('. ')[0]
    return first or type(error).__name__
