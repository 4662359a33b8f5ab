"""The configs themselves give their index, README.md and metafile.yml.

A config's docstring says what it trains and which figures the papers print:

    HRNetV2-W48 + FCN head, Cityscapes.

    Table III of arXiv 1908.07919, val: mIoU 81.1.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from hrnet_mm.complexity.counting import count, parameters
from hrnet_mm.complexity.on_meta import build, input_shape, run
from hrnet_mm.errors import UserError
from hrnet_mm.nested_dicts import each_dict
from hrnet_mm.weights.published import Weights, weights_for

FIGURE = re.compile(r'(?P<source>.+), (?P<split>[^:,]+): (?P<metrics>.+)')
METRIC = re.compile(r'(?P<name>\S.*) (?P<value>-?\d+(?:\.\d+)?)')
NOT_A_ROW = 'Not a row of '
# Name of a data set's class -> name of the data set, where the two differ.
DATA = {
    'Coco': 'COCO',
    'COCOStuff': 'COCO-Stuff',
    'PascalContext59': 'PASCAL-Context 59',
    'PascalContext': 'PASCAL-Context 60',
    'Mpii': 'MPII',
    'Face300W': '300W',
}
FORM = (
    'expected a title, then an empty line, then\n'
    '    SOURCE, SPLIT: NAME VALUE, NAME VALUE.\n'
    f'or a paragraph that starts with "{NOT_A_ROW}the papers:"'
)


class Figure(NamedTuple):
    """A `Figure` is what a source prints for a config, such as mIoU 81.1 on val."""

    source: str
    split: str
    metrics: dict[str, float]


class Entry(NamedTuple):
    """An `Entry` describes one config of the index.

    Attributes:
        name: File name without `.py`.
        title: First line of its docstring, without the full stop.
        figures: Printed figures, empty if it is not a row of the papers.
        toolbox: Default scope of the config.
        data: Name of its data set.
        shape: Height and width of the input that was counted.
        params: Number of parameters.
        multiply_adds: Number of multiply-adds for one image.
        weights: Published weights for it.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    toolbox: str
    data: str
    shape: tuple[int, int]
    params: int
    multiply_adds: int
    weights: tuple[Weights, ...]


def metrics_of(text: str) -> dict[str, float]:
    """Read 'NAME VALUE, NAME VALUE'; what is no metric is left out."""
    found = (METRIC.fullmatch(part.strip()) for part in text.split(', '))
    return {m['name']: float(m['value']) for m in found if m}


def read_docstring(path: Path) -> tuple[str, tuple[Figure, ...]]:
    """Read title and printed figures of a config.

    Raises:
        UserError: The docstring has another form.
    """
    text = ast.get_docstring(ast.parse(path.read_text())) or ''
    title, _, rest = text.partition('\n\n')
    second = rest.partition('\n\n')[0]
    if not title.endswith('.') or '\n' in title:
        raise UserError(f'{path}: the docstring starts with {title!r}; {FORM}')
    if second.startswith(NOT_A_ROW):
        return title[:-1], ()
    sentences = re.sub(r'\n(?!Table|README)', ' ', second).splitlines()
    return title[:-1], tuple(_figure(path, sentence) for sentence in sentences)


def _figure(path: Path, sentence: str) -> Figure:
    match = FIGURE.fullmatch(sentence.removesuffix('.'))
    metrics = metrics_of(match['metrics']) if match else {}
    if not match or len(metrics) != len(match['metrics'].split(', ')):
        raise UserError(f'{path}: the docstring says {sentence!r}; {FORM}')
    return Figure(match['source'], match['split'], metrics)


def entries(configs: Path, workers: int = 2) -> list[Entry]:
    """Return the entries of all configs in a folder, in alphabetical order.

    Args:
        configs: The folder.
        workers: Number of processes that count.
    """
    paths = sorted(configs.glob('*.py'))
    described = [read_docstring(path) for path in paths]
    cfgs = [Config.fromfile(path) for path in paths]
    jobs = {_network(cfg): cfg for cfg in cfgs}
    import_toolboxes(cfgs)
    with ProcessPoolExecutor(workers, get_context('fork')) as pool:
        counted = dict(zip(jobs, pool.map(_count, jobs.values()), strict=True))
    return [
        Entry(
            path.stem,
            *description,
            cfg.default_scope,
            dataset_of(cfg),
            input_shape(cfg),
            *counted[_network(cfg)],
            weights_for(path.stem),
        )
        for path, description, cfg in zip(paths, described, cfgs, strict=True)
    ]


def dataset_of(cfg: Config) -> str:
    """Return the name of a config's training data."""
    datasets = (loader.get('dataset') for loader in each_dict(cfg.train_dataloader))
    kinds = [dataset['type'] for dataset in datasets if dataset]
    name = kinds[-1].removeprefix('hrnet_mm.').replace('Dataset', '')
    return DATA.get(name, name)


def import_toolboxes(cfgs: list[Config]) -> None:
    """Import the toolboxes before processes are forked.

    Importing takes longer than counting.
    """
    first = {cfg.default_scope: cfg for cfg in reversed(cfgs)}
    for cfg in first.values():
        build(cfg)


def _network(cfg: Config) -> str:
    """Describe what decides the counts; schedules and initial weights do not."""
    return f'{cfg.default_scope} {input_shape(cfg)} {_plain(cfg.model)}'


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        unused = ('init_cfg', 'train_cfg', 'test_cfg', 'data_preprocessor')
        return {k: _plain(v) for k, v in node.items() if k not in unused}
    if isinstance(node, list | tuple):
        return [_plain(v) for v in node]
    return node


def _count(cfg: Config) -> tuple[int, int]:
    model, shape = build(cfg), input_shape(cfg)
    return parameters(model), count(lambda: run(model, shape))


class Group(NamedTuple):
    """A `Group` has the configs under one heading.

    Their names match its pattern, and no earlier group's.
    """

    heading: str
    pattern: str
    task: str


DETECTION, MASKS = 'Object Detection', 'Instance Segmentation'
SEGMENTATION, CLASSES = 'Semantic Segmentation', 'Image Classification'
POSE, FACE = 'Body 2D Keypoint', 'Face 2D Keypoint'
GROUPS = (
    Group('Demonstrations', 'demo_', ''),
    Group('Faster R-CNN', 'faster_rcnn_', DETECTION),
    Group('Cascade R-CNN', 'cascade_rcnn_', DETECTION),
    Group('FCOS', 'fcos_', DETECTION),
    Group('Mask R-CNN', 'mask_rcnn_', MASKS),
    Group('Cascade Mask R-CNN', 'cascade_mask_rcnn_', MASKS),
    Group('HTC', 'htc_', MASKS),
    Group('HRNetV2 + FCN', 'fcn_hrnet', SEGMENTATION),
    Group('HRNetV2 + OCR', 'ocr_hrnet', SEGMENTATION),
    Group('HRNet, key points of people', 'topdown_hrnet_', POSE),
    Group('HRNetV2, faces', 'topdown_hrnetv2_', FACE),
    Group('Pose, compared systems', 'topdown_', POSE),
    Group('HRNet-C', 'hrnet_', CLASSES),
    Group('ResNet', 'resnet', CLASSES),
    Group('Segmentation, compared systems', '', SEGMENTATION),
)


def grouped(found: list[Entry]) -> Iterator[tuple[Group, list[Entry]]]:
    """Yield the groups that have configs, each with its configs."""
    left = list(found)
    for group in GROUPS:
        own = [entry for entry in left if entry.name.startswith(group.pattern)]
        left = [entry for entry in left if entry not in own]
        if own:
            yield group, own
