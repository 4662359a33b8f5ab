"""A run that was stopped goes on as if it had not been.

A checkpoint holds beside mmengine's state a `Progress`: where the loop was, the random
numbers, and what the run was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import Tensor

from ..checks.arguments import named_last, run_in
from ..errors import UserError, first
from ..files import UNDERWAY
from ..weights import locate
from ..weights.formats.contents import not_finite

INTERRUPTED = 'interrupted.pth'
NUMBERED = re.compile(r'(?:epoch|iter)_(\d+)\.pth')
KEY = 'progress'  # of a `Progress` in a checkpoint
# Options of which the checkpoint's values are used.
KEPT = ('optim_wrapper.optimizer.', 'param_scheduler', 'randomness.seed')
# Options that change nothing in what is learned.
ASIDE = (
    *('work_dir', 'experiment_name', 'resume', 'load_from', 'launcher', 'log_'),
    'default_hooks.logger',
)


@dataclass
class Progress:
    """A `Progress` says where a run is, and what it is made of.

    Attributes:
        batches: Number of batches in an epoch.
        batch_size: Number of samples in a batch, of all processes.
        validated: True if the evaluation that follows this step is done.
        random: Random state of each process, see `random_state`.
        options: Values of the config as text, by dotted key.
        gradients: Gradients by parameter, if the next step adds to them.
    """

    batches: int
    batch_size: int
    validated: bool
    random: list[dict[str, Any]]
    options: dict[str, str]
    gradients: dict[str, Tensor] = field(default_factory=dict)


@dataclass
class Start:
    """A `Start` is a checkpoint that a run goes on from.

    Attributes:
        name: Path of its file, or another name that `locate` knows.
        content: What is in it.
        passed: One line for each newer file that is damaged.
    """

    name: str
    content: dict[str, Any]
    passed: list[str] = field(default_factory=list)

    @property
    def meta(self) -> dict[str, Any]:
        """Return mmengine's facts: epoch, iteration, seed, classes."""
        return self.content['meta']

    @property
    def progress(self) -> Progress | None:
        """Return where the run was; None if another runner wrote the file.

        Raises:
            UserError: It has another form.
        """
        stored = self.content.get(KEY)
        if stored is None:
            return None
        kinds = dict(batches=int, batch_size=int, validated=bool, random=list)
        kinds.update(options=dict, gradients=dict)
        known = isinstance(stored, dict) and kinds.keys() == stored.keys()
        if not known or not all(isinstance(stored[k], kinds[k]) for k in kinds):
            raise UserError(
                f'{self.name}: {KEY!r} has another form than this version writes'
            )
        return Progress(**stored)


def find_start(work_dir: str | Path, named: str | None = None) -> Start | None:
    """Find the checkpoint to go on from, and read it.

    Args:
        work_dir: Work folder of the run.
        named: Checkpoint that the user has named; None for the last one of the folder
            that is whole.

    Returns:
        The start; None if the folder has no checkpoint at all.

    Raises:
        UserError: The checkpoint, or every one of the folder, cannot be gone on from.
    """
    if named is not None:
        return Start(named, state_in(named))
    passed: list[str] = []
    for path in checkpoints_in(Path(work_dir)):
        try:
            return Start(str(path), state_in(path), passed)
        except UserError as error:
            passed.append(str(error).replace('\n', ' '))
    if passed:
        raise UserError(
            f'no checkpoint of {work_dir} can be gone on from:\n  '
            + '\n  '.join(passed)
            + '\nStart anew with --overwrite, or in another --work-dir'
        )
    return None


def checkpoints_in(work_dir: Path) -> Iterator[Path]:
    """Yield the checkpoints of a work folder, the last one first."""
    last = named_last(work_dir)
    if last is not None:
        yield last
    found = [(NUMBERED.fullmatch(path.name), path) for path in work_dir.glob('*.pth')]
    numbers = {path: int(match[1]) for match, path in found if match}
    rest = sorted(numbers, key=lambda path: numbers[path], reverse=True)
    yield from (path for path in rest if path != last)
    if last != work_dir / INTERRUPTED and (work_dir / INTERRUPTED).is_file():
        yield work_dir / INTERRUPTED


def remove_run(work_dir: str | Path) -> None:
    """Remove the checkpoints of an earlier run, and nothing else.

    Later, `--resume` would take one of them for a checkpoint of the new run. A link is
    removed, but not what it leads to.
    """
    for path in run_in(work_dir):
        path.unlink()
    for path in Path(work_dir).glob(UNDERWAY):
        path.unlink()  # a process was killed while it wrote


def state_in(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint that a training can go on from.

    Raises:
        UserError: It is damaged, or lacks a part of the training's state.
    """
    content = locate(path).read()
    meta = content.get('meta')
    facts: dict[str, Any] = meta if isinstance(meta, dict) else {}
    placed = all(is_count(facts.get(key)) for key in ('epoch', 'iter'))
    if not placed or not isinstance(content.get('message_hub'), dict):
        raise UserError(
            f'{path} holds weights, but not the state of a training to resume. '
            f'To start from them: --cfg-options load_from={path}'
        )
    if not content.get('optimizer'):
        raise UserError(
            f'{path} has no state of the optimizer: it was saved with '
            'save_optimizer=False, so that a training cannot go on from it. '
            f'To start from its weights: --cfg-options load_from={path}'
        )
    return content


def is_count(value: Any) -> bool:
    """Tell whether a value is a whole number from 0 upwards."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def check_optimizer(state: Any, optimizer: Any, source: str) -> None:
    """Check that the state of an optimizer fits its parameters.

    torch compares no shapes, and a fused optimizer would write beyond their memory.

    Args:
        state: What a checkpoint holds as the state.
        optimizer: The optimizer, or mmengine's wrapper of it.
        source: Name of the checkpoint, for messages.

    Raises:
        UserError: It is of other parameters, or has values that are NaN or infinite.
    """
    # mmengine's wrapper lists besides a group of its own, which has no parameters.
    inner = getattr(optimizer, 'optimizer', optimizer)
    groups = [group['params'] for group in inner.param_groups]
    parameters = [each for group in groups for each in group]
    try:
        stored = [group['params'] for group in state['param_groups']]
        fits = list(map(len, stored)) == list(map(len, groups))
        places = {number: place for place, number in enumerate(chain(*stored))}
        moments = {
            f'{key} of parameter {places[number]}': (value, parameters[places[number]])
            for number, values in state['state'].items()
            for key, value in values.items()
            if isinstance(value, Tensor)
        }
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise UserError(other_optimizer(source, repr(error))) from error
    wrong = [
        k for k, (x, p) in moments.items() if x.numel() != 1 and x.shape != p.shape
    ]
    if not fits or wrong:
        raise UserError(other_optimizer(source, first(wrong or ['other groups'])))
    odd = not_finite({key: value for key, (value, _) in moments.items()})
    if odd:
        raise UserError(
            f'{source}: the optimizer has values that are NaN or infinite: '
            f'{first(odd)}. Go on from an earlier checkpoint: --resume CHECKPOINT'
        )


def other_optimizer(source: str, found: str) -> str:
    """Say that a checkpoint has the state of another optimizer."""
    return (
        f'{source}: the state of the optimizer is of other parameters than this '
        f"config's ({found}). Resume with the config of the run, or start from the "
        f'weights alone: --cfg-options load_from={source}'
    )


def options_of(cfg: Config | Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a config as text, by dotted key."""
    flat: dict[str, str] = {}

    def walk(value: Any, key: str) -> None:
        inner: Iterator[tuple[Any, Any]] | None = None
        if isinstance(value, Mapping) and value:
            inner = iter(value.items())
        if isinstance(value, list | tuple) and any(isinstance(x, dict) for x in value):
            inner = iter(enumerate(value))
        if inner is None:
            flat[key] = repr(value)
            return
        for name, each in inner:
            walk(each, f'{key}.{name}' if key else str(name))

    walk(getattr(cfg, '_cfg_dict', cfg), '')
    return flat


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Say which options differ from those of the run, and which of them count.

    Args:
        old: Options of the run, see `options_of`.
        new: Options now.

    Returns:
        Lines for the log, none if nothing differs.
    """
    differ = [
        key
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key) and not key.startswith(ASIDE)
    ]
    kept = [key for key in differ if key.startswith(KEPT)]
    used = [key for key in differ if key not in kept]
    lines = []
    if used:
        lines.append('options that differ from the run so far, and count from here on:')
        lines += [f'  {key}: {old.get(key)} -> {new.get(key)}' for key in used]
    if kept:
        lines.append(
            'options that differ, but do NOT count, since the checkpoint holds their '
            'state (to change them, start from its weights: --cfg-options load_from='
            'CHECKPOINT in another --work-dir):'
        )
        lines += [f'  {k}: {new.get(k)} (it stays {old.get(k)})' for k in kept]
    return tuple(lines)
