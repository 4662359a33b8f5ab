"""A table lists the published weights of HRNets: their source, files and figures."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import yaml

from ..errors import UserError

TABLE = Path(__file__).with_name('published.yml')
HUB_SCHEME = 'hf_hub:'
HUB_PAGE = 'https://huggingface.co/'


@dataclass(frozen=True)
class Weights:
    """A `Weights` row describes one published checkpoint.

    Attributes:
        name: Unique name; that of OpenMMLab's config if they published it.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`.
        arch: Name in `models.ARCHS`.
        upsample: Up-sampling that it was trained with: `'nearest'`, `'bilinear'` or
            `'bilinear, aligned'`. Names and shapes of the tensors do not tell it.
        data: Data set it was trained on.
        source: Publisher and form.
        licence: Licence of the weights, as stated in the publishers' repository.
        file: Name of the file; empty if only a hub has it.
        aliases: Alternative names.
        config: Name of our config for it, without `.py`; None if there is none.
        figure: Accuracy that its publishers report, on the validation set unless
            stated otherwise.
        urls: Addresses in order of preference: URLs, then names on Hugging Face's hub
            with `hf_hub:`. Empty if only `page` has it.
        page: Web page on which people find it.
        sha256: First 8 hexadecimal digits of the hash of `file`; empty if unknown.
    """

    name: str
    task: str
    arch: str
    upsample: str
    data: str
    source: str
    licence: str
    file: str = ''
    aliases: tuple[str, ...] = ()
    config: str | None = None
    figure: str = ''
    urls: tuple[str, ...] = ()
    page: str = ''
    sha256: str = ''


def _row(fields: dict[str, Any]) -> Weights:
    folder, hub = fields.pop('folder', None), fields.pop('hub', None)
    path = fields.pop('file', '')
    urls = [folder + path] if folder else []
    urls += [HUB_SCHEME + hub] if hub else []
    page = fields.pop('page', '') or urls[0].replace(HUB_SCHEME, HUB_PAGE)
    fields['aliases'] = tuple(fields.get('aliases', ()))
    return Weights(**fields, file=Path(path).name, urls=tuple(urls), page=page)


@cache
def published() -> tuple[Weights, ...]:
    """Return all rows of the table, in its order."""
    made = []
    for group in yaml.safe_load(TABLE.read_text()):
        rows = group.pop('weights')
        made += [_row({**group, **row}) for row in rows]
    return tuple(made)


def weights_for(config: str) -> tuple[Weights, ...]:
    """Return the rows for one of our configs, named without `.py`."""
    return tuple(weights for weights in published() if weights.config == config)


def find(name: str) -> Weights | None:
    """Return the row of a name, an alias, or a config with one downloadable file.

    Raises:
        UserError: Several files are published for the config of that name.
    """
    for weights in published():
        if name == weights.name or name in weights.aliases:
            return weights
    several = [row for row in weights_for(name) if row.urls] or weights_for(name)
    if len(several) > 1:
        raise UserError(
            f'{len(several)} files are published for the config {name}; say which: '
            f'{", ".join(weights.name for weights in several)}'
        )
    return several[0] if several else None


def by_file(path: str | Path) -> Weights | None:
    """Return the row whose file has the name of this path, if there is exactly one."""
    file = Path(urlparse(str(path)).path).name
    rows = [weights for weights in published() if file and weights.file == file]
    return rows[0] if len(rows) == 1 else None


def similar(name: str) -> list[str]:
    """Return up to three published names that are similar to a misspelled one."""
    names = [n for row in published() for n in (row.name, *row.aliases)]
    return difflib.get_close_matches(name, names, n=3)
