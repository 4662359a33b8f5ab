"""Pages show the index: configs' README.md and metafile.yml, and model-index.yml.

The table of published weights, docs/weights.md, is another page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml

from hrnet_mm.weights.published import Weights, published

from .entries import Entry, Figure, Group, grouped, metrics_of

HEADLINES = ('AP', 'mask AP', 'box AP', 'mIoU', 'NME', 'PCKh', 'top-1', 'top-1 error')
# Sources whose weights these configs load as they are.
LOADABLE = ('mmdet 3', 'mmseg', 'mmpose 1', 'mmpretrain')
MADE = 'Made by papers/index.py from the configs: change those, then `make tables`.'
INTRODUCTION = f"""\
<!-- {MADE} -->
# Configs

One file is one row of a table. Each starts with its figures and its commands; in
general

    python tools/train.py configs/NAME.py               # one GPU, or a CPU
    tools/dist_train.sh configs/NAME.py 8               # 8 GPUs
    python tools/test.py configs/NAME.py WEIGHTS

*Paper* is the figure that the first of its sources prints, on the split beside it.
Parameters (1e6) and multiply-adds (1e9) are counted at the *input* by
`tools/complexity.py`; detectors with 1000 proposals and 100 masks. *Weights* are the
published ones for a config, with what their publishers report: all that this package
knows are in docs/weights.md.
"""
COLUMNS = ('config', 'data', 'paper', 'input', 'M', 'G', 'weights')
WEIGHTS_MADE = (
    'Made by papers/index.py from hrnet_mm/weights/published.yml: change that, '
    'then `make tables`.'
)
WEIGHTS_INTRODUCTION = f"""\
<!-- {WEIGHTS_MADE} -->
# Published weights

Each name can stand wherever a checkpoint is asked for:

    hrnet_mm.load('hrnet_w32_imagenet', model)
    init_cfg=dict(type='hrnet_mm.Pretrained', checkpoint='hrnet_w32_imagenet')
    python tools/test.py configs/CONFIG.py faster-rcnn_hrnetv2p-w32-1x_coco

So can the name of a config for which a single file can be downloaded. Names inside a
file are recognized and translated, whoever published it (docs/checkpoints.md).
*Up-sampling* is how the weights were trained to enlarge maps; *digest* are the first
digits of the file's SHA-256, which is checked. Figures are the publishers' own.
"""
WEIGHTS_COLUMNS = (
    'name', 'network', 'data', 'figure', 'up-sampling', 'digest', 'licence', 'config'
)  # fmt: skip


def readme(found: list[Entry]) -> str:
    """Return the text of configs/README.md."""
    parts = [INTRODUCTION]
    for group, own in grouped(found):
        parts.append(f'## {group.heading}\n\n{table(COLUMNS, map(cells, own))}\n')
    return '\n'.join(parts)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [columns, ('---',) * len(columns), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def weights_page() -> str:
    """Return the text of docs/weights.md."""
    parts = [WEIGHTS_INTRODUCTION]
    for source, rows in groupby(published(), attrgetter('source')):
        lines = table(WEIGHTS_COLUMNS, map(weights_cells, rows))
        parts.append(f'## {source}\n\n{lines}\n')
    return '\n'.join(parts)


def weights_cells(weights: Weights) -> tuple[str, ...]:
    """Return one line of the table of published weights."""
    config = weights.config
    return (
        '<br>'.join([f'[{weights.name}]({weights.page})', *weights.aliases]),
        weights.arch,
        weights.data,
        weights.figure,
        weights.upsample,
        weights.sha256,
        weights.licence,
        f'[{config}](../configs/{config}.py)' if config else '',
    )


def cells(entry: Entry) -> tuple[str, ...]:
    """Return one line of a table of configs."""
    return (
        f'[{entry.name}]({entry.name}.py)',
        entry.data,
        paper(entry.figures[0]) if entry.figures else '',
        f'{entry.shape[0]} x {entry.shape[1]}',
        f'{entry.params / 1e6:.2f}',
        f'{entry.multiply_adds / 1e9:.2f}',
        '<br>'.join(
            f'[{publisher(weights.source)}]({weights.page}): {weights.figure}'
            for weights in entry.weights
        ),
    )


def publisher(source: str) -> str:
    """Return the short name of who published weights."""
    name = source.partition(',')[0].partition(':')[0]
    official = ('HRNet-', 'official', 'deep-high-resolution-net')
    return 'official' if name.startswith(official) else name


def paper(figure: Figure) -> str:
    """Return the main metrics, linked to the paper if it is one on arXiv."""
    names = [name for name in figure.metrics if name in HEADLINES]
    names = names or [next(iter(figure.metrics))]
    text = ', '.join(f'{name} {figure.metrics[name]:g}' for name in names)
    arxiv = re.search(r'arXiv (\d+\.\d+)', figure.source)
    if arxiv:
        text = f'[{text}](https://arxiv.org/abs/{arxiv[1]})'
    return f'{text} ({figure.split})'


def metafile(found: list[Entry]) -> str:
    """Return the text of configs/metafile.yml, in OpenMMLab's form."""
    groups = [pair for pair in grouped(found) if pair[0].task]
    content = dict(
        Collections=[
            dict(
                Name=group.heading,
                Paper=dict(
                    URL='https://arxiv.org/abs/1908.07919',
                    Title='Deep High-Resolution Representation Learning for Visual '
                    'Recognition',
                ),
                README='configs/README.md',
            )
            for group, _ in groups
        ],
        Models=[model(group, entry) for group, own in groups for entry in own],
    )
    return f'# {MADE}\n' + yaml.safe_dump(content, sort_keys=False, width=88)


def model(group: Group, entry: Entry) -> dict[str, Any]:
    """Return one model of the metafile.

    Figures are the weights' own if there are any.
    """
    loadable = [w for w in entry.weights if w.source.startswith(LOADABLE)]
    made: dict[str, Any] = dict(
        Name=entry.name,
        Config=f'configs/{entry.name}.py',
        Metadata={
            'Training Data': entry.data,
            'Parameters': entry.params,
            'FLOPs': entry.multiply_adds,
        },
    )
    made['In Collection'] = group.heading
    metrics = dict(entry.figures[0].metrics) if entry.figures else {}
    if loadable:
        metrics = metrics_of(loadable[-1].figure)
        made['Weights'] = loadable[-1].page
    if metrics:
        made['Results'] = [dict(Task=group.task, Dataset=entry.data, Metrics=metrics)]
    return made


def pages(found: list[Entry]) -> dict[Path, str]:
    """Return the text of each file of the index, by its path in the repository."""
    imports = yaml.safe_dump(dict(Import=['configs/metafile.yml']))
    return {
        Path('configs/README.md'): readme(found),
        Path('configs/metafile.yml'): metafile(found),
        Path('model-index.yml'): f'# {MADE}\n{imports}',
        Path('docs/weights.md'): weights_page(),
    }
