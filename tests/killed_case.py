"""Trainings are killed at random moments and resumed, until they are complete.

As a script, it kills as often as it is told, and prints what came of it:

    python tests/killed_case.py det --kills 20
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
# Of each kind of checkpoint one is kept: the least that a kill may spare.
SAVING = (
    'default_hooks.checkpoint.max_keep_ckpts=1',
    'default_hooks.logger.interval=1',
)
EVERY_2 = (
    'default_hooks.checkpoint.by_epoch=False',
    'default_hooks.checkpoint.interval=2',
)
EMA = 'custom_hooks.0.type=EMAHook'
MOMENTS = ('half written', 'written', 'in place')  # of a checkpoint


class Case(NamedTuple):
    """A `Case` is one config that is trained with few pictures.

    Attributes:
        toolbox: Package that it needs.
        config: Its bare name.
        layout: Layout of the data.
        options: Values of --cfg-options.
        words: Other arguments.
        size: Width and height of the drawn pictures.
        pictures: Number of pictures to train on.
    """

    toolbox: str
    config: str
    layout: str
    options: tuple[str, ...]
    words: tuple[str, ...] = ()
    size: str = '128x128'
    pictures: int = 8


BATCH = ('train_dataloader.batch_size=2', 'val_dataloader.batch_size=1')
CASES = {
    'det': Case(
        'mmdet',
        'demo_faster_rcnn_hrnetv2p',
        'coco',
        (*BATCH, *EVERY_2, 'train_cfg.max_epochs=3', 'train_cfg.val_interval=1', EMA),
    ),
    'mask': Case(
        'mmdet',
        'demo_mask_rcnn_hrnetv2p',
        'coco',
        (*BATCH, 'train_cfg.max_epochs=4', 'train_cfg.val_interval=1'),
        ('--early-stopping', '3'),
    ),
    'pose': Case(
        'mmpose',
        'demo_topdown_hrnet',
        'coco-pose',
        (*BATCH, *EVERY_2, 'train_cfg.max_epochs=3', 'train_cfg.val_interval=1'),
        size='160x160',
    ),
    'seg': Case(
        'mmseg',
        'demo_fcn_hrnetv2',
        'cityscapes',
        (
            *BATCH,
            *EVERY_2,
            'train_cfg._delete_=True',
            'train_cfg.type=IterBasedTrainLoop',
            'train_cfg.max_iters=12',
            'train_cfg.val_interval=4',
            'log_processor.by_epoch=False',
            'train_dataloader.sampler.type=InfiniteSampler',
        ),
        size='128x256',
    ),
    'w32': Case(
        'mmdet',
        'faster_rcnn_hrnetv2p_w32_1x',
        'coco',
        (
            *BATCH,
            'train_cfg.max_epochs=3',
            'model.test_cfg.rcnn.max_per_img=10',
            'train_dataloader.dataset.pipeline.2.scale=(96,96)',
            'val_dataloader.dataset.pipeline.1.scale=(96,96)',
        ),
        ('--from-scratch',),
        pictures=4,
    ),
}


def command(case: Case, data: Path, work: Path, workers: int) -> list[str]:
    """Return the arguments of the verb `train`."""
    loading = [
        f'{split}_dataloader.{key}'
        for split in ('train', 'val')
        for key in (f'num_workers={workers}', f'persistent_workers={workers > 0}')
    ]
    options = [*SAVING, *case.options, *loading, f'data_root={data}/']
    words = ['--seed', '0', '--deterministic', '--save-best', *case.words]
    where = ['--work-dir', str(work), '--skip-data-check']
    return [case.config, *where, *words, '--cfg-options', *options]


def kill_in_saving(moment: str, number: int) -> None:
    """Make this process kill itself while it saves a checkpoint.

    Args:
        moment: One of `MOMENTS`.
        number: Number of the checkpoint, from 0.
    """
    from hrnet_mm import files

    counts = dict.fromkeys(MOMENTS, 0)

    def die(at: str) -> bool:
        counts[at] += 1
        return at == moment and counts[at] == number + 1

    def kill(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def replace(part: Path, path: Path) -> None:
        is_checkpoint = str(path).endswith('.pth')
        if is_checkpoint and moment == 'half written' and die(moment):
            os.truncate(part, os.path.getsize(part) // 2)
            kill()
        if is_checkpoint and moment == 'written' and die(moment):
            kill()
        renamed(part, path)
        if is_checkpoint and moment == 'in place' and die(moment):
            kill()

    renamed = os.replace
    files.os.replace = replace  # type: ignore[attr-defined]


def attempt(arguments: list[str], log: Path, kill: Callable[[int], None]) -> int:
    """Train in a forked process; return its status, negative if it was killed.

    Args:
        arguments: Arguments of the verb `train`.
        log: File for what it prints.
        kill: Called with the number of the process, in this one.
    """
    sys.stdout.flush()
    number = os.fork()
    if number == 0:
        with log.open('ab', buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = 70
        try:
            from hrnet_mm.cli.main import main

            status = main(['train', *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    kill(number)
    _, status = os.waitpid(number, 0)
    return os.waitstatus_to_exitcode(status)


def spare(_: int) -> None:
    """Let a process end by itself."""


def after(seconds: float, number: int) -> None:
    """Kill a process after a time, unless it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended = os.waitid(os.P_PID, number, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None:
            return
        time.sleep(0.02)
    os.kill(number, signal.SIGKILL)


def killed_in_saving(arguments: list[str], log: Path, moment: str, count: int) -> int:
    """Train until a moment of saving, in a forked process."""
    sys.stdout.flush()
    number = os.fork()
    if number == 0:
        kill_in_saving(moment, count)
        status = attempt(arguments, log, spare)
        os._exit(9 if status == -signal.SIGKILL else status)
    _, status = os.waitpid(number, 0)
    code = os.waitstatus_to_exitcode(status)
    return -signal.SIGKILL if code == 9 else code


def run_with_kills(
    arguments: list[str], log: Path, seconds: float, dice: random.Random, most: int
) -> int:
    """Train to the end with at most so many kills; return how many there were.

    Args:
        arguments: Arguments of the verb `train`.
        log: File for what is printed.
        seconds: How long the run takes without kills.
        dice: Random numbers of the moments.
        most: Number of kills after which the run is left alone.
    """
    from hrnet_mm.checks.arguments import run_in

    work, kills = Path(arguments[arguments.index('--work-dir') + 1]), 0
    while True:
        saved = any(path.suffix == '.pth' for path in run_in(work))
        words = [*arguments, '--resume'] if saved else [*arguments]
        if kills == most:
            status = attempt(words, log, spare)
        elif dice.random() < 0.5:
            moment = functools.partial(after, dice.uniform(0.3, 1) * seconds)
            status = attempt(words, log, moment)
        else:
            place = dice.choice(MOMENTS), dice.randrange(3)
            status = killed_in_saving(words, log, *place)
        if status == 0:
            return kills
        assert status == -signal.SIGKILL, log.read_text()[-3000:]
        kills += 1


def losses(work: Path) -> dict[tuple[str, int], Any]:
    """Return what was logged by kind and step; a step may be logged again."""
    found: dict[tuple[str, int], Any] = {}
    for path in sorted(work.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            record = complete(line)
            kind = 'train' if 'loss' in record else 'val'
            found[kind, record.get('step', -1)] = {
                k: v for k, v in record.items() if k not in ('time', 'data_time')
            }
    found.pop(('val', -1), None)
    return found


def complete(line: str) -> dict[str, Any]:
    """Return a record of the log; empty if the process was killed in writing it."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return {}


def states(work: Path) -> dict[str, dict[str, Any]]:
    """Return the tensors of all checkpoints of a folder by file and name."""
    from hrnet_mm.weights.reading import read_checkpoint

    found: dict[str, dict[str, Any]] = {}
    for path in sorted(work.glob('*.pth')):
        content = read_checkpoint(path)
        flat = {
            f'{key}.{name}': x
            for key in ('state_dict', 'ema_state_dict')
            for name, x in content.get(key, {}).items()
        }
        moments = content.get('optimizer', {}).get('state', {})
        for number, values in moments.items():
            flat |= {f'optimizer.{number}.{k}': v for k, v in values.items()}
        found[path.name] = flat
    return found


def differences(first: Path, second: Path) -> list[str]:
    """Say in what two work folders differ; nothing if the runs were equal."""
    import torch

    a, b = states(first), states(second)
    found = [] if a.keys() == b.keys() else [f'files {list(a)} and {list(b)}']
    for name in a.keys() & b.keys():
        odd = list(a[name].keys() ^ b[name].keys())
        odd += [
            k
            for k in a[name].keys() & b[name].keys()
            if isinstance(a[name][k], torch.Tensor)
            and not torch.equal(a[name][k], b[name][k])
        ]
        found += [f'{name}: {len(odd)} tensors, such as {odd[0]}'] if odd else []
    logged, again = losses(first), losses(second)
    odd = [
        key for key in logged.keys() | again.keys() if logged.get(key) != again.get(key)
    ]
    found += [
        f'{len(odd)} of {len(logged)} lines of the log: {sorted(odd)[:3]}'
    ] * bool(odd)
    return found


def draw(case: Case, folder: Path) -> None:
    """Draw the data of a case."""
    from hrnet_mm.cli.main import main

    counts = ['--train', str(case.pictures), '--val', '2']
    layout = ['--layout', case.layout, '--size', case.size]
    assert main(['shapes', str(folder), *layout, *counts]) == 0


def series(
    name: str, kills: int, workers: int, folder: Path, seed: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Kill runs of a case until there were enough kills.

    Yields:
        The number of kills of each run, and in what it differs from one without.
    """
    case, dice = CASES[name], random.Random(seed)
    data = folder / 'data'
    draw(case, data)
    whole = folder / 'whole'
    import_all(case)
    started = time.monotonic()
    status = attempt(command(case, data, whole, workers), folder / 'whole.log', spare)
    assert status == 0, (folder / 'whole.log').read_text()[-3000:]
    seconds, total, number = time.monotonic() - started, 0, 0
    while total < kills:
        number += 1
        work, log = folder / f'run_{number}', folder / f'run_{number}.log'
        arguments = command(case, data, work, workers)
        count = run_with_kills(arguments, log, seconds, dice, kills - total)
        total += count
        yield count, differences(whole, work)


def import_all(case: Case) -> None:
    """Import what takes seconds, so that each forked process starts at once."""
    import importlib

    for name in ('hrnet_mm.training', 'hrnet_mm.config.opening', 'matplotlib.figure'):
        importlib.import_module(name)
    from hrnet_mm.config.opening import read_config

    read_config(case.config)
    importlib.import_module(f'{case.toolbox}.models')
    importlib.import_module(f'{case.toolbox}.datasets')


def main() -> None:
    """Kill runs as often as the arguments say, and print one line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('case', choices=CASES)
    options.add_argument('--kills', type=int, default=20)
    options.add_argument('--workers', type=int, default=0)
    options.add_argument('--seed', type=int, default=0)
    options.add_argument('--folder', type=Path, help='default: one that is removed')
    args = options.parse_args()
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    total = 0
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        for count, odd in series(
            args.case, args.kills, args.workers, folder, args.seed
        ):
            total += count
            print(
                f'{args.case}, {args.workers} workers: {count} kills:', odd or 'equal'
            )
            assert not odd
    print(f'{args.case}: survived {total} of {total} kills, all equal')


if __name__ == '__main__':
    sys.path.insert(0, str(ROOT))
    main()
