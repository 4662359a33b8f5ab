"""Each trial runs in a process of its own, and its output says what failed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from .trial import BASE

TRIAL = 'hrnet_mm.environment.trial'
WIDE = 200  # characters of a message in the table
SECONDS = 600  # a first import from a slow disk takes minutes
# Beginnings of lines that an interpreter prints after the error that matters.
ASIDE = ('During handling of', 'The above exception', '[W', 'warnings.warn')

LAST = 'exit'  # name for a crash after the last package of the base trial


class Outcome(NamedTuple):
    """An `Outcome` holds the result of one trial.

    Attributes:
        error: Last line of its error output, `''` if it worked.
        text: All of its output.
    """

    error: str = ''
    text: str = ''


def attempt(name: str) -> Outcome:
    """Run the trial of one toolbox, or of `'base'`, which prints lines of JSON."""
    command = [sys.executable, '-m', TRIAL, name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors='replace', timeout=SECONDS
        )
    except subprocess.TimeoutExpired as late:
        printed = (each or b'' for each in (late.stdout, late.stderr))
        text = b''.join(printed).decode(errors='replace')  # bytes despite text=True
        return Outcome(f'no end after {SECONDS} s', text)
    if done.returncode == 0:
        return Outcome('', done.stdout)
    return Outcome(reason(done.returncode, done.stderr), done.stdout + done.stderr)


def reason(status: int, said: str) -> str:
    """Return the line of an error output that says why a process failed."""
    if status < 0:
        return f'ended by {signal.Signals(-status).name}'
    lines = [line.strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith(ASIDE)]
    return short(lines[-1]) if lines else f'exit status {status}'


def short(message: str) -> str:
    """Return the first line of a message, cut to the width that a table has for it."""
    first = message.partition('\n')[0]
    return first if len(first) <= WIDE else f'{first[:WIDE]} ...'


def attempts(names: Iterable[str]) -> dict[str, Outcome]:
    """Run several trials, two at a time."""
    names = list(names)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(attempt, names), strict=True))


def base_of(outcome: Outcome) -> dict[str, Outcome]:
    """Split the outcome of the trial `'base'` into one outcome per package.

    The text of each is the package's version, or the whole error.
    """
    lines = [line for line in outcome.text.splitlines() if line.startswith('{"name"')]
    found = {}
    for line in map(json.loads, lines):
        error = line.get('error', '')
        text = error or line.get('version', '')
        found[line['name']] = Outcome(short(error), text)
    if outcome.error:  # the process crashed in the next package
        name = next((name for name in BASE if name not in found), LAST)
        found[name] = Outcome(outcome.error)
    return found
