"""Runs of several processes end as finished ones, each time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

TRAIN = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from hrnet_mm.config.launching import join_launcher
from hrnet_mm.training import process_group
join_launcher('pytorch', None)
with process_group('pytorch'):
    from stopped_case import runner_of
    batches = {{'train_dataloader.batch_size': 3}}  # each has three samples
    runner_of(Path(sys.argv[1]), launcher='pytorch', **batches).train()
"""


def three_processes(script: Path, work: Path, port: int) -> list[int]:
    """Train in three processes, and return how each ends."""
    place = dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port), WORLD_SIZE='3')
    place.update(OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT))
    running = [
        subprocess.Popen(
            [sys.executable, str(script), str(work)],
            env={**os.environ, **place, 'RANK': str(rank), 'LOCAL_RANK': str(rank)},
            stdout=subprocess.DEVNULL,
            stderr=(work.parent / f'{work.name}_{rank}').open('wb'),
        )
        for rank in range(3)
    ]
    return [process.wait(timeout=120) for process in running]


def all_end_well(folder: Path, number: int) -> None:
    script = folder / 'script.py'
    script.write_text(TRAIN.format(tests=str(ROOT / 'tests')))
    for count in range(number):
        work = folder / str(count)
        ends = three_processes(script, work, 20_000 + os.getpid() % 9000 + count)
        said = '\n'.join(path.read_text()[-2000:] for path in folder.glob(f'{count}_*'))
        assert ends == [0, 0, 0], said
        assert (work / 'epoch_4.pth').is_file()


@pytest.mark.cluster
def test_ten_runs_end_with_0(tmp_path):
    all_end_well(tmp_path, 10)


@pytest.mark.full
@pytest.mark.slow
def test_fifty_runs_end_with_0(tmp_path):
    all_end_well(tmp_path, 50)
