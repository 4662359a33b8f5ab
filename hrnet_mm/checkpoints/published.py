"""The weights of HRNets that are published, as a table: what, where from, how good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name('published.yml')


@dataclass(frozen=True)
class Weights:
    """One published checkpoint.

    Attributes:
        name: Unique; that of OpenMMLab's config where they published it.
        task: `'classification'`, `'detection'`, `'segmentation'` or `'pose'`.
        config: Our config that it is for, without `.py`; None where we have none.
        arch: Name in `models.ARCHS`.
        upsample: How it was trained to enlarge maps: `'nearest'`, `'bilinear'` or
            `'bilinear, aligned'`. Names and shapes of the tensors do not tell.
        data: Data set it was trained on.
        figure: What its publishers report, of the validation set where they say
            nothing else.
        urls: Where to find it, the first choice first.
        sha256: First 8 hexadecimal digits of the file's hash; empty where unknown.
        source: Who published it, in which form.
        licence: Of the weights, as its publishers' repository has it.
    """

    name: str
    task: str
    config: str | None
    arch: str
    upsample: str
    data: str
    figure: str
    urls: tuple[str, ...]
    sha256: str
    source: str
    licence: str


@cache
def published() -> tuple[Weights, ...]:
    """All weights of the table, in its order."""
    made = []
    for group in yaml.safe_load(TABLE.read_text()):
        rows, folders = group.pop('weights'), group.pop('folders')
        for row in rows:
            file = row.pop('file')
            urls = tuple(folder + file for folder in folders)
            unknown = dict(config=None, figure='', sha256='')
            made.append(Weights(**{**unknown, **group, **row}, urls=urls))
    return tuple(made)


def weights_for(config: str) -> tuple[Weights, ...]:
    """Those published for one of our configs, named without `.py`."""
    return tuple(weights for weights in published() if weights.config == config)
