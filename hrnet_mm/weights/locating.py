"""From the name of a checkpoint to a file on this machine, once.

    name -> locate() -> Located(name, path, row) -> read() -> a dict of tensors

Whoever needs a checkpoint is handed a `Located`: the file was looked for once, checked
once, and its row in the table of published weights goes along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import UserError
from . import downloads
from .aliases import address_of
from .downloads import NotReachableError
from .hub import HUB, of_hub
from .published import Weights, by_file, find, similar
from .reading import read_checkpoint

WEB = ('http://', 'https://')


@dataclass(frozen=True)
class Located:
    """A checkpoint that has been found.

    Attributes:
        name: What the user calls it.
        path: The file on this machine.
        row: What the table of published weights knows of it; None for any other file.
    """

    name: str
    path: Path
    row: Weights | None = None

    def read(self, map_location: Any = 'cpu') -> dict[str, Any]:
        """Read the file without executing anything, see `read_checkpoint`.

        Raises:
            UserError: The file is damaged, or holds something else than tensors.
        """
        return read_checkpoint(self.path, map_location)


def locate(name: str | Path) -> Located:
    """Find a checkpoint, and downloads it on first use.

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
        return Located(str(name), path, by_file(path))
    row = find(str(name))
    path = published_file(row) if row else named_file(address_of(str(name)))
    return Located(str(name), path, row or by_file(path))


def published_file(row: Weights) -> Path:
    """Return the file of published weights, from the first place that has it.

    Raises:
        NotReachableError: No place has it, or people alone can get it.
    """
    if not row.urls:
        raise NotReachableError(
            f'{row.name} cannot be downloaded by a program. Get it from {row.page} and '
            'give the path of the file'
        )
    return fetched(row.urls, row.sha256)


def named_file(address: str) -> Path:
    """Return the file that a URL, a name of the hub, or a path stands for.

    Raises:
        UserError: It is none of these.
    """
    if address.startswith((*HUB, *WEB)):
        return fetched([address])
    path = Path(address)
    if path.is_file():  # named in the user's open_mmlab.json
        return path
    near = similar(address)
    hint = f'; did you mean {", ".join(near)}?' if near else ''
    raise UserError(
        f'no checkpoint {address}: it is neither a file, nor a URL, nor the name of '
        f'published weights{hint}'
    )


def fetched(places: Sequence[str], sha256: str = '') -> Path:
    """Return a file from the first place that has it: the web's, then the hub's.

    Raises:
        NotReachableError: No place has it; the message says what each answered.
    """
    web = [place for place in places if place.startswith(WEB)]
    tries = [partial(downloads.fetch, web, sha256)] if web else []
    tries += [partial(of_hub, place) for place in places if place.startswith(HUB)]
    failures: list[UserError] = []
    for fetch in tries:
        try:
            return fetch()
        except UserError as error:  # not reachable, or no library for the hub
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    raise NotReachableError('\n'.join(map(str, failures)))
