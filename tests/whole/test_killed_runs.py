"""Real trainings that are killed by SIGKILL end as if they had not been."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT
from killed_case import CASES


def kill(case: str, workers: int, kills: int) -> None:
    """Kill trainings in a process that has no threads yet, since it forks."""
    pytest.importorskip(CASES[case].toolbox)
    script = ROOT / 'tests/killed_case.py'
    words = [case, '--workers', str(workers), '--kills', str(kills)]
    done = subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert f'survived {kills} of {kills} kills, all equal' in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(('case', 'workers'), [('det', 0), ('seg', 2)])
def test_three_kills(case, workers):
    kill(case, workers, 3)


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize('case', CASES)
def test_twenty_kills(case, workers):
    kill(case, workers, 20)
