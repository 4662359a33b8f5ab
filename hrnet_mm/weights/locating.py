"""A checkpoint's name leads to a file on this machine, once.

    name -> locate() -> Located(name, path, row) -> read() -> a dict of tensors

Code that needs a checkpoint receives a `Located`: the file has been found and checked
once, and its row in the table of published weights comes along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import UserError, did_you_mean
from . import downloads
from .aliases import address_of
from .downloads import NotReachableError
from .hub import HUB, of_hub
from .published import Weights, by_file, find, similar
from .reading import read_checkpoint

WEB = ('http://', 'https://')


@dataclass(frozen=True)
class Located:
    """A `Located` describes a checkpoint that has been found on this machine.

    Attributes:
        name: Name that the user gave.
        path: Path of the file on this machine.
        row: Row of the table of published weights; None if the file is not in it.
    """

    name: str
    path: Path
    row: Weights | None = None

    def read(self, map_location: Any = 'cpu') -> dict[str, Any]:
        """Read the file without executing anything in it, see `read_checkpoint`.

        Raises:
            UserError: The file is damaged, or holds objects that are not allowed.
        """
        return read_checkpoint(self.path, map_location)


def locate(name: str | Path) -> Located:
    """Find a checkpoint by its name, and download it on first use.

    Args:
        name: A path; an http(s) URL; `open-mmlab://`, `mmcls://` or `torchvision://`
            and a name; a model on Hugging Face's hub such as
            `hf_hub:timm/hrnet_w32.ms_in1k`, optionally with `@` and a revision; or the
            name of published weights such as `hrnet_w32_imagenet`.

    Raises:
        UserError: There is no such file, and no published weights have that name.
        NotReachableError: The file is not in the cache and the download failed; the
            message says which file to put where.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return Located(str(name), path, by_file(path))
    row = find(str(name))
    path = published_file(row) if row else named_file(address_of(str(name)))
    return Located(str(name), path, row or by_file(path))


def published_file(row: Weights) -> Path:
    """Return the file of published weights, downloading it if necessary.

    Raises:
        NotReachableError: No address has the file, or it cannot be downloaded by a
            program.
    """
    if not row.urls:
        raise NotReachableError(
            f'{row.name} cannot be downloaded by a program. Get it from {row.page} and '
            'give the path of the file'
        )
    return fetched(row.urls, row.sha256)


def named_file(address: str) -> Path:
    """Return the file behind a URL, a name on the hub, or a path.

    Raises:
        UserError: The address is none of these.
    """
    if address.startswith((*HUB, *WEB)):
        return fetched([address])
    path = Path(address)
    if path.is_file():  # named in the user's open_mmlab.json
        return path
    near = similar(address)
    hint = did_you_mean(near)
    raise UserError(
        f'no checkpoint {address}: it is neither a file, nor a URL, nor the name of '
        f'published weights{hint}'
    )


def fetched(places: Sequence[str], sha256: str = '') -> Path:
    """Return a file from the first address that has it, web addresses before the hub.

    Raises:
        NotReachableError: No address has the file; the message lists the answers.
    """
    web = [place for place in places if place.startswith(WEB)]
    tries = [partial(downloads.fetch, web, sha256)] if web else []
    tries += [partial(of_hub, place) for place in places if place.startswith(HUB)]
    failures: list[UserError] = []
    for fetch in tries:
        try:
            return fetch()
        except UserError as error:  # not reachable, or the hub's library is missing
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    raise NotReachableError('\n'.join(map(str, failures)))
