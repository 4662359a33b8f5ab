"""The weights of HRNets that are published, as a table: what, where from, how good."""

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
HUB = 'hf_hub:'
HUB_PAGE = 'https://huggingface.co/'


@dataclass(frozen=True)
class Weights:
    """One published checkpoint.

    Attributes:
        name: Unique; that of OpenMMLab's config where they published it.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`.
        arch: Name in `models.ARCHS`.
        upsample: How it was trained to enlarge maps: `'nearest'`, `'bilinear'` or
            `'bilinear, aligned'`. Names and shapes of the tensors do not tell.
        data: Data set it was trained on.
        source: Who published it, in which form.
        licence: Of the weights, as its publishers' repository has it.
        file: Name of the file; empty where only a hub has it.
        aliases: More names.
        config: Our config that it is for, without `.py`; None where we have none.
        figure: What its publishers report, of the validation set where they say
            nothing else.
        urls: Where to find it, the first choice first: URLs, then names of Hugging
            Face's hub with `hf_hub:`. Empty where only `page` has it.
        page: Where people find it.
        sha256: First 8 hexadecimal digits of the hash of `file`; empty where unknown.
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
    urls += [HUB + hub] if hub else []
    page = fields.pop('page', '') or urls[0].replace(HUB, HUB_PAGE)
    fields['aliases'] = tuple(fields.get('aliases', ()))
    return Weights(**fields, file=Path(path).name, urls=tuple(urls), page=page)


@cache
def published() -> tuple[Weights, ...]:
    """All weights of the table, in its order."""
    made = []
    for group in yaml.safe_load(TABLE.read_text()):
        rows = group.pop('weights')
        made += [_row({**group, **row}) for row in rows]
    return tuple(made)


def weights_for(config: str) -> tuple[Weights, ...]:
    """Those published for one of our configs, named without `.py`."""
    return tuple(weights for weights in published() if weights.config == config)


def find(name: str) -> Weights | None:
    """The weights of a name, an alias, or the one file to download for a config.

    Raises:
        UserError: There are several for the config of that name.
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
    """The weights that are published in a file of this name."""
    file = Path(urlparse(str(path)).path).name
    rows = [weights for weights in published() if file and weights.file == file]
    return rows[0] if len(rows) == 1 else None


def similar(name: str) -> list[str]:
    """At most three published names that a misspelt one can stand for."""
    names = [n for row in published() for n in (row.name, *row.aliases)]
    return difflib.get_close_matches(name, names, n=3)
