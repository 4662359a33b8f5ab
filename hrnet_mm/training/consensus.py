"""All processes agree on what is trained, and with what, before the first step.

Machines without a common disk have their own copies of everything. A copy that is half
done, or of another day, would train something that nobody meant, or hang.
"""

from __future__ import annotations

import importlib
import pickle
import platform
import socket
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from mmengine.runner import Runner
from torch import distributed, nn
from torch.utils.data import Dataset

from ..errors import UserError
from ..toolboxes import TOOLBOXES
from .exchange import from_all
from .lockstep import is_alone, together
from .resuming import ASIDE, options_of

PACKAGES = ('hrnet_mm', 'torch', 'numpy', 'cv2', 'mmengine', 'mmcv')
MENDS = {
    'options': 'Give all of them the same config and the same --cfg-options',
    'versions': 'Install the same versions on all machines',
    'weights': 'Give all machines the same files of weights',
}
COPY = 'Copy the data anew to that machine'
# What is compared, by name: from texts by key to what is said where they differ.
Facts = Mapping[str, Callable[[], Mapping[str, str]]]


def agree(runner: Runner, splits: tuple[str, ...]) -> None:
    """Compare what all processes have, which all call this.

    Args:
        runner: Runner, whose loops are built and whose weights are loaded.
        splits: Splits whose data are compared, of `'train'`, `'val'`, `'test'`.

    Raises:
        UserError: Something differs. The message says on which machine, what is there,
            and what is here.
    """
    if is_alone():
        return
    with together():
        compare(facts_of(runner, splits))


def compare(facts: Facts) -> None:
    """Raise a UserError in all processes if the facts of one are not those of all."""
    digests = {name: digest(texts()) for name, texts in facts.items()}
    every = from_all(dict(digests, host=socket.gethostname()))
    for name, texts in facts.items():
        odd = [k for k, each in enumerate(every) if each[name] != every[0][name]]
        if odd:
            mine = texts() if distributed.get_rank() in (0, odd[0]) else {}
            both = from_all(mine)
            raise UserError(difference(name, both[0], both[odd[0]], every, odd[0]))


def digest(texts: Mapping[str, str]) -> int:
    """Return a checksum of texts by key."""
    return zlib.crc32(repr(sorted(texts.items())).encode('utf-8', 'surrogatepass'))


def difference(
    name: str,
    here: Mapping[str, str],
    there: Mapping[str, str],
    every: list[dict[str, Any]],
    number: int,
) -> str:
    """Say what differs between the first process and another one.

    Args:
        name: What is compared.
        here: Texts of the first process by key.
        there: Texts of the other process.
        every: The host of each process.
        number: Number of the other process.
    """
    keys = [key for key in {**here, **there} if here.get(key) != there.get(key)]
    lines = [
        f'  {key}: {here.get(key, "not there")} on {every[0]["host"]} (process 0), '
        f'{there.get(key, "not there")} on {every[number]["host"]} (process {number})'
        for key in keys[:5]
    ]
    more = [f'  ... ({len(keys)} in all)'] if len(keys) > 5 else []
    counts = (
        '' if len(here) == len(there) else f', {len(here)} and {len(there)} of them'
    )
    start = f'the {name} of the processes differ{counts}:'
    return '\n'.join([start, *lines, *more, MENDS.get(name, COPY)])


def facts_of(runner: Runner, splits: tuple[str, ...]) -> Facts:
    """Return what is compared, computed where it is asked for."""
    facts: dict[str, Callable[[], Mapping[str, str]]] = dict(
        options=lambda: compared_options(runner),
        versions=versions,
        weights=lambda: weights_of(runner.model),
    )
    for split in splits:
        loader = getattr(getattr(runner, f'{split}_loop'), 'dataloader', None)
        if loader is not None:
            facts[f'pictures of {split}'] = partial(pictures, loader.dataset)
    return facts


def compared_options(runner: Runner) -> dict[str, str]:
    """Return the options that count; each machine may have its own paths."""
    options = options_of(runner.cfg)
    return {
        key: value
        for key, value in options.items()
        if not key.startswith(ASIDE) and not key.endswith(('data_root', 'ann_file'))
    }


def versions() -> dict[str, str]:
    """Return the versions of the packages that are here."""
    found = dict(python=platform.python_version())
    for name in (*PACKAGES, *TOOLBOXES):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        found[name] = str(getattr(module, '__version__', '?'))
    return found


def weights_of(model: nn.Module) -> dict[str, str]:
    """Return a checksum of each tensor of a model, by its key."""
    return {
        key: f'{checksum(value):08x}'
        for key, value in model.state_dict().items()
        if isinstance(value, torch.Tensor) and not key.endswith('num_batches_tracked')
    }


def checksum(value: torch.Tensor) -> int:
    """Return the CRC-32 of a tensor's bytes."""
    plain = value.detach().cpu().contiguous().flatten().view(torch.uint8)
    return zlib.crc32(plain.numpy().data)


def pictures(dataset: Dataset) -> dict[str, str]:
    """Return the size of each picture's file, and a checksum of its annotation.

    Args:
        dataset: Data set of a toolbox; of another kind only its length is compared.

    Returns:
        Texts by the last two parts of the picture's path, with a number where a picture
        has several records (of people, for one).
    """
    found: dict[str, str] = {}
    for place, record in enumerate(records_of(dataset)):
        path = str(record.get('img_path', f'number {place}'))
        name = '/'.join(Path(path).parts[-2:])
        name = name if name not in found else f'{name}, record {place}'
        found[name] = f'{size_of(path)}, annotation {annotation(record):08x}'
    return found


def records_of(dataset: Any) -> Iterator[dict[str, Any]]:
    """Yield what a data set knows of each sample, before any step of its pipeline."""
    ends = getattr(dataset, 'data_address', ())
    if getattr(dataset, 'serialize_data', False) and len(ends):
        # `get_data_info` adds copies of the metainfo, which takes ten times as long.
        for start, end in pairwise([0, *ends]):
            yield pickle.loads(memoryview(dataset.data_bytes)[start:end])
        return
    describe = getattr(dataset, 'get_data_info', None)
    for place in range(len(dataset)):
        record = describe(place) if describe else {}
        yield record if isinstance(record, dict) else {}


def size_of(path: str) -> str:
    """Return the size of a file as text."""
    try:
        return f'{Path(path).stat().st_size} bytes'
    except OSError:
        return 'no file'


def annotation(record: Mapping[str, Any]) -> int:
    """Return the checksum of what a record says, but not of where its files are."""
    plain = [(k, v) for k, v in record.items() if not k.endswith(('path', 'prefix'))]
    return zlib.crc32(pickle.dumps(plain))
