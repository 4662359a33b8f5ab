"""Trials in processes of their own, and what they have shown."""

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
WIDE = 200  # characters of a message
SECONDS = 600  # a first import from a slow disk takes minutes
# What an interpreter writes after the error that matters.
ASIDE = ('During handling of', 'The above exception', '[W', 'warnings.warn')

LAST = 'exit'  # what comes after the packages of the base trial


class Outcome(NamedTuple):
    """Holds what became of one trial.

    Attributes:
        error: The last line of what it said, `''` where it worked.
        text: All that it said.
    """

    error: str = ''
    text: str = ''


def attempt(name: str) -> Outcome:
    """Try one toolbox, or `'base'`, whose text is its lines of JSON."""
    command = [sys.executable, '-m', TRIAL, name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors='replace', timeout=SECONDS
        )
    except subprocess.TimeoutExpired as late:
        printed = (each or b'' for each in (late.stdout, late.stderr))
        text = b''.join(printed).decode(errors='replace')  # bytes, whatever was asked
        return Outcome(f'no end after {SECONDS} s', text)
    if done.returncode == 0:
        return Outcome('', done.stdout)
    return Outcome(reason(done.returncode, done.stderr), done.stdout + done.stderr)


def reason(status: int, said: str) -> str:
    """The line of an output that says why a process has failed."""
    if status < 0:
        return f'ended by {signal.Signals(-status).name}'
    lines = [line.strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith(ASIDE)]
    return short(lines[-1]) if lines else f'exit status {status}'


def short(message: str) -> str:
    """The first line of a message, as far as a table has room for it."""
    first = message.partition('\n')[0]
    return first if len(first) <= WIDE else f'{first[:WIDE]} ...'


def attempts(names: Iterable[str]) -> dict[str, Outcome]:
    """Try several, two at a time."""
    names = list(names)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(attempt, names), strict=True))


def base_of(outcome: Outcome) -> dict[str, Outcome]:
    """What the trial `'base'` says of each package: its version, or the whole error."""
    lines = [line for line in outcome.text.splitlines() if line.startswith('{"name"')]
    found = {}
    for line in map(json.loads, lines):
        error = line.get('error', '')
        text = error or line.get('version', '')
        found[line['name']] = Outcome(short(error), text)
    if outcome.error:  # it crashed in what came next
        name = next((name for name in BASE if name not in found), LAST)
        found[name] = Outcome(outcome.error)
    return found
