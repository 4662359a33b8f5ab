"""Ctrl-C, or a scheduler's warning, ends a training between two steps."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook, EMAHook
from mmengine.runner import Runner
from torch import distributed

from ..errors import Terminated
from .checkpoints import name_last
from .exchange import group_of_cpus
from .lockstep import happened, is_alone, is_open, store
from .resuming import INTERRUPTED

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 'stopped by a signal'  # what the first process notes for the others
PATIENCE = 30.0  # seconds for its last batch and the checkpoint
FIRST = (
    'stopping after this step, to save a checkpoint; a second time stops at once '
    'without one'
)


class Interruption:
    """An `Interruption` notes SIGINT and SIGTERM, which would end the process at once.

    The second one does end it. Where there are several processes, one of the other kind
    is no second one: launchers hand a SIGINT on as SIGTERM.

    Attributes:
        received: Number of the signal; 0 before there is one.
    """

    def __init__(self) -> None:
        self.received = 0
        self._before: dict[int, Any] = {}

    def listen(self) -> None:
        """Note signals from now on, in the main thread, where Python handles them."""
        if threading.current_thread() is threading.main_thread():
            self._before = {each: signal.signal(each, self._note) for each in SIGNALS}

    def leave(self) -> None:
        """Let signals do what they did before `listen`."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def stops(self, alone: bool) -> int:
        """Return the signal by which this process stops now; 0 to go on.

        Args:
            alone: False after a step that all processes take: they stop together. True
                within an evaluation, where each has its own number of batches.
        """
        if is_alone():
            return self.received
        if alone and distributed.get_rank() > 0:
            return self.received if self.received and first_has_stopped() else 0
        if alone:
            return self.received
        received = torch.tensor(self.received)
        distributed.all_reduce(received, distributed.ReduceOp.MAX, group_of_cpus())
        self.received = int(received)
        return self.received

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.received and (number == self.received or not is_open()):
            raise stopped_by(number, 'interrupted')
        if not self.received and is_main_process():
            sys.stderr.write(f'\n{FIRST}\n')
        self.received = self.received or number


def stopped_by(number: int, message: str) -> KeyboardInterrupt:
    """Return the exception that a signal stands for."""
    kind = Terminated if number == signal.SIGTERM else KeyboardInterrupt
    return kind(message)


def stop(runner: Runner, number: int, done: int) -> None:
    """Save a checkpoint and end the training.

    Args:
        runner: Runner, between two steps, or in an evaluation.
        number: Number of the signal.
        done: Number of iterations that are done.

    Raises:
        KeyboardInterrupt: Always; its text says how to go on.
    """
    hooks = [each for each in runner.hooks if isinstance(each, CheckpointHook)]
    folder = str(getattr(hooks[0], 'out_dir', runner.work_dir) if hooks else '')
    folder = folder or runner.work_dir
    last = getattr(hooks[0], 'last_ckpt', None) if hooks else None
    if last is None or getattr(hooks[0], 'saved', -1) != done:
        meta = dict(epoch=runner.epoch, iter=done)
        runner.save_checkpoint(folder, INTERRUPTED, by_epoch=False, meta=meta)
        last = str(Path(folder, INTERRUPTED))
        name_last(runner, last)
    leave_to_first(number)
    raise stopped_by(
        number,
        f'stopped after iteration {done} of {runner.max_iters}; saved {last}\n'
        f'Go on with  {command_to_go_on(runner.work_dir)}',
    )


def leave_to_first(number: int) -> None:
    """End this process without a word, unless it is the first one, which has saved.

    Raises:
        SystemExit: This is another one, with the status that the signal stands for.
    """
    if is_alone():
        return
    if distributed.get_rank() == 0:
        store().add(STOPPED, 1)
        return
    first_has_stopped()
    time.sleep(1)  # a launcher may end the first one with this one
    sys.exit(128 + number)


def first_has_stopped() -> bool:
    """Wait a while for the first process to save a checkpoint and stop."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not happened(STOPPED):
        time.sleep(0.05)
    return happened(STOPPED)


def own_weights_back(runner: Runner) -> None:
    """Undo within an evaluation that averaged weights stand in for the model's own."""
    for hook in runner.hooks:
        if isinstance(hook, EMAHook):
            hook.after_val_epoch(runner)


def command_to_go_on(work_dir: str) -> str:
    """Return the command of this process, with --resume."""
    program, *given = sys.argv
    words: list[str] = []
    before = ''
    for word in given:
        is_checkpoint = before == '--resume' and not word.startswith('-')
        if not is_checkpoint and not word.startswith(('--resume', '--overwrite')):
            words.append(word)
        before = word
    if not any(word.startswith('--work-dir') for word in words):
        words += ['--work-dir', str(work_dir)]
    start = 'hrnet' if Path(program).name == 'hrnet' else f'python {program}'
    return f'{start} {shlex.join(words)} --resume'
