"""Hostile input of all kinds ends right or with one message."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

NEVER = ('unclear', 'hang', 'crash', 'executed', 'outside')


def attack(variants: int, seed: int) -> None:
    """Try hostile inputs in a process that has no threads yet, since it forks."""
    for name in ('mmdet', 'mmpose', 'mmseg'):
        pytest.importorskip(name)
    script = ROOT / 'tests/hostile_case.py'
    words = ['--variants', str(variants), '--seed', str(seed)]
    done = subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *_, heading, last = [
        x for x in done.stdout.splitlines() if '| kind' in x or '| all' in x
    ]
    counts = dict(zip(cells(heading)[1:], map(int, cells(last)[1:]), strict=True))
    assert sum(counts.values()) == variants
    assert [counts[each] for each in NEVER] == [0] * len(NEVER), done.stdout[-9000:]


def cells(row: str) -> list[str]:
    """Split a row of a table."""
    return [cell.strip() for cell in row.strip().strip('|').split('|')]


@pytest.mark.slow
def test_some_of_each_kind():
    attack(165, seed=1)


@pytest.mark.full
@pytest.mark.slow
def test_thousands():
    attack(1200, seed=0)
