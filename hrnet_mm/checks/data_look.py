"""All data sets of a config are looked at together before the first step.

Each toolbox looks at its own form of data, see `Toolbox.look`. Here the sets are
compared with each other, and everything is reported at once.
"""

from __future__ import annotations

import copy
import importlib.util
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import DATASETS, DefaultScope

from ..data.look import Look
from ..data.look.json_files import forget_files
from ..data.look.looks import side_by_side
from ..data.look.sides import check_classes
from ..errors import UserError, one_line, place_of
from ..nested_dicts import each_dict, named_datasets
from ..shelves import short_name
from ..toolboxes import DataSet, Toolbox, toolbox_of
from .preparing import UnpreparedError

SKIP = '--skip-data-check starts without this look at the data'
# Modules, and their packages, of mmcv's `imdecode_backend` that may be missing.
DECODERS = dict(tifffile='tifffile', turbojpeg='PyTurboJPEG')
LATE = 'Started without this look at the data, the run has ended:'


def look_at_data(cfg: Config, splits: Sequence[str]) -> list[Look]:
    """Look at the data sets of some splits and compare them.

    Args:
        cfg: Whole config.
        splits: Splits that will be read, of `'train'`, `'val'` and `'test'`.

    Returns:
        One look for each data set, with what is wrong with it.
    """
    toolbox = toolbox_of(cfg)
    if toolbox is None:
        return []
    looks: list[Look] = []
    seen: list[dict] = []
    with DefaultScope.overwrite_default_scope(toolbox.name):
        for split in splits:
            for look, dataset in _sets(cfg, split):
                twin = dict(dataset=dataset, evaluator=cfg.get(f'{split}_evaluator'))
                if twin in seen:
                    continue
                seen.append(twin)
                looks.append(look)
                _fill(toolbox, look, dataset, cfg, split)
    forget_files()
    _compare(looks)
    return looks


def check_data(
    cfg: Config, splits: Sequence[str], ending: str | None = SKIP, speaks: bool = True
) -> list[Look]:
    """Look at the data, print one line for each set, and what is strange.

    Args:
        cfg: Whole config.
        splits: Splits that will be read, of `'train'`, `'val'` and `'test'`.
        ending: Last line of the message, if there is any.
        speaks: False to print nothing, as on all machines but the first.

    Returns:
        The looks, in which nothing is wrong.

    Raises:
        UserError: Something is wrong; the message has all of it.
    """
    looks = look_at_data(cfg, splits)
    warnings = _each_once(warning for look in looks for warning in look.warnings)
    lines = [*(look.line() for look in looks), *(f'warning: {x}' for x in warnings)]
    for line in lines if speaks else ():
        print(line)
    errors = _errors_of(looks)
    if errors:
        raise UserError('\n'.join([*errors, *filter(None, [ending])]))
    return looks


@contextmanager
def late_look(cfg: Config, splits: Sequence[str], wanted: bool) -> Iterator[None]:
    """Look at the data after a failure inside the context, which they may have caused.

    Args:
        cfg: Whole config.
        splits: Splits that are read inside.
        wanted: False if the data have been looked at before.

    Raises:
        UserError: Something is wrong with the data; the message has all of it, and the
            failure. Without a fault of the data, the failure stays as it is.
    """
    try:
        yield
    except Exception as error:
        explained = isinstance(error, UserError)
        if not wanted or (explained and not isinstance(error, UnpreparedError)):
            raise
        errors = _errors_of(look_at_data(cfg, splits))
        if not errors:
            raise
        ending = f'{one_line(error)} ({place_of(error)})'
        ending = str(error).splitlines()[0] if explained else ending
        raise UserError('\n'.join([*errors, f'{LATE} {ending}'])) from error


def _errors_of(looks: Sequence[Look]) -> list[str]:
    return _each_once(error for look in looks for error in look.errors)


def _each_once(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _sets(cfg: Config, split: str) -> Iterator[tuple[Look, dict]]:
    """Yield each data set of a split with an empty look."""
    key = f'{split}_dataloader'
    found = list(named_datasets((cfg.get(key) or {}).get('dataset'), f'{key}.dataset'))
    for count, (where, dataset) in enumerate(found, 1):
        name = split if len(found) == 1 else f'{split} {count}'
        yield Look(name, where, trains=split == 'train'), dataset


def _fill(toolbox: Toolbox, look: Look, dataset: dict, cfg: Config, split: str) -> None:
    """Let a toolbox look at a data set and at what evaluates it."""
    try:
        check_names(look.key, dataset)
        kind = _class_of(dataset)
        data = DataSet(dataset, metainfo_of(dataset), kind)
        check_decoders(dataset)
        look.in_8_bits = data.in_8_bits
        look.classes = [str(name) for name in data.meta.get('classes') or ()]
        toolbox.look(look, data)
        check_classes(look, _flip_of(cfg, look, data), toolbox.exchange)
        if not look.trains:
            _look_at_evaluators(toolbox, look, data, cfg, split)
    except UserError as error:
        look.error(str(error))


def _flip_of(cfg: Config, look: Look, data: DataSet) -> dict:
    """Return the step that mirrors a data set's pictures, with what it exchanges.

    Pictures that are measured are mirrored by test-time augmentation alone.
    """
    if look.trains:
        return data.step('RandomFlip')
    steps = each_dict(cfg.get('tta_pipeline'))
    flips = [s for s in steps if short_name(s.get('type')).endswith('RandomFlip')]
    mirroring = next((s for s in flips if s.get('prob')), {})
    exchanged = (cfg.get('tta_model') or {}).get('mirrored_classes')
    return dict(mirroring, swap_seg_labels=exchanged)


def check_decoders(dataset: dict) -> None:
    """Check that the libraries are there by which steps of a pipeline decode files.

    Args:
        dataset: Config of a data set.

    Raises:
        UserError: One is not installed.
    """
    for step in each_dict(dataset.get('pipeline')):
        backend = str(step.get('imdecode_backend'))
        if backend in DECODERS and importlib.util.find_spec(backend) is None:
            raise UserError(
                f'{short_name(step["type"])} decodes by {backend!r}, which is not '
                f'installed:  pip install {DECODERS[backend]}'
            )


def check_names(key: str, dataset: dict) -> None:
    """Check that the classes are a list of names.

    A single word would be read letter by letter.

    Args:
        key: Key of the data set in the config.
        dataset: Its config. A word may be the name of a file with classes.

    Raises:
        UserError: They are a word, as without the comma of a list of one name, or
            no names.
    """
    classes = (dataset.get('metainfo') or {}).get('classes')
    if isinstance(classes, str) and not Path(classes).is_file():
        raise UserError(
            f'the classes are the word {classes!r}, which would be read letter by '
            f'letter. A list of one name needs a comma:  {key}.metainfo='
            f'dict(classes=({classes!r},))'
        )
    if classes is None or isinstance(classes, str):
        return
    names = isinstance(classes, list | tuple)
    if not names or not all(isinstance(name, str) for name in classes):
        raise UserError(
            f'{key}.metainfo has classes={classes!r}; expected are names:  '
            f"{key}.metainfo=dict(classes=('first', 'second'))"
        )


def _look_at_evaluators(
    toolbox: Toolbox, look: Look, data: DataSet, cfg: Config, split: str
) -> None:
    key = f'{split}_evaluator'
    listed = cfg.get(key)
    if not isinstance(listed, list | tuple):
        metrics = {key: listed}
    else:
        metrics = {f'{key}.{count}': each for count, each in enumerate(listed)}
    for place, metric in metrics.items():
        if not isinstance(metric, dict):
            continue
        try:
            toolbox.look_at_evaluator(look, data, metric, place)
        except UserError as error:
            look.error(f'{place}.ann_file: {error}')


def _class_of(dataset: dict) -> type:
    """Return the class of a data set.

    Raises:
        UserError: There is no class of that name.
    """
    kind = dataset.get('type')
    if isinstance(kind, type):
        return kind
    # mmengine imports what stands before a point as a package, '..' too.
    with DATASETS.switch_scope_and_registry(None) as registry:
        named = re.fullmatch(r'\w+(\.\w+)*', str(kind))
        found = registry.get(str(kind)) if named else None
    if found is None:
        raise UserError(f'there is no class of data sets {kind!r}')
    return found


def metainfo_of(dataset: dict) -> dict:
    """Return the metainfo of a data set's class and config, without annotations.

    Raises:
        UserError: The class refuses the metainfo of the config.
    """
    try:
        return _metainfo(dataset)
    except KeyError as error:
        raise UserError(
            f'the metainfo of {short_name(dataset["type"])} names {error}, which is '
            "none of its key points: mend a 'swap' in keypoint_info or a 'link' in "
            'skeleton_info'
        ) from error
    except (AssertionError, OSError, TypeError, ValueError) as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        reason = ' '.join(str(error).split()) or line
        raise UserError(
            f'{short_name(dataset["type"])} refuses its arguments: {reason}'
        ) from error


def _metainfo(dataset: dict) -> dict:
    config = dict(copy.deepcopy(dataset), lazy_init=True, pipeline=[])
    try:
        return dict(DATASETS.build(config).metainfo)
    except (AssertionError, OSError):
        # Some data sets look for their files all the same; none is needed here.
        kind: Any = _class_of(dataset)
        return dict(kind._load_metainfo(copy.deepcopy(dataset.get('metainfo'))))


def _compare(looks: Sequence[Look]) -> None:
    """Add an error for each set whose classes are not those of the first one."""
    for other in looks[1:]:
        first = looks[0]
        folders = {first.name: first.folders, other.name: other.folders}
        classes = {first.name: first.classes, other.name: other.classes}
        if all(folders.values()) and first.folders != other.folders:
            other.error(
                f'its class folders are not those of {first.name}, so labels differ.\n'
                f'{side_by_side(folders)}\n  Name them alike; a class may be empty'
            )
        elif all(classes.values()) and first.classes != other.classes:
            other.error(
                f'its classes are not those of {first.name}.\n'
                f'{side_by_side(classes)}\n'
                f'  Write  {other.key}.metainfo=dict(classes={tuple(first.classes)})'
            )
