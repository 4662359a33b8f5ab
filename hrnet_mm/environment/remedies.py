"""The pip commands of a remedy are shown as people type them, or run."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable

from ..errors import UserError
from ..toolboxes import TOOLBOXES
from .commands import Command, Problem
from .probes import TRIAL


def full(command: Command) -> list[str]:
    """Return the whole command line, by pip, or by uv if this interpreter has no pip.

    Raises:
        UserError: Neither pip nor uv is there.
    """
    if importlib.util.find_spec('pip'):
        return [sys.executable, '-m', 'pip', *command]
    if shutil.which('uv') is None:
        raise UserError(
            f'{sys.executable} has no pip, and there is no uv. Install it with\n'
            f'  {shlex.join([sys.executable, "-m", "ensurepip"])}'
        )
    verb, *words = command
    words = [word for word in words if word != '-y']  # uv does not ask
    return ['uv', 'pip', verb, '--python', sys.executable, *words]


def shown(command: Command) -> str:
    """Return the whole command as a line for a shell."""
    return shlex.join(full(command))


def whole_message(problem: Problem) -> str:
    """Return the command that shows all that a failed trial prints."""
    name = problem.what.partition(':')[0]
    trial = name if name in TOOLBOXES else 'base'
    return shlex.join([sys.executable, '-m', TRIAL, trial])


def carry_out(commands: Iterable[Command]) -> None:
    """Run commands one after the other.

    Raises:
        UserError: A command failed; the ones after it did not run.
    """
    for command in commands:
        print(f'\n$ {shown(command)}', flush=True)
        status = subprocess.run(full(command)).returncode
        if status:
            raise UserError(
                f'the command above ended with status {status}; nothing ran after it'
            )
