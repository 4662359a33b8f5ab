"""Several processes end together, and without their group."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch.multiprocessing as mp
from torch import distributed

from hrnet_mm.training import process_group
from hrnet_mm.training.processes import is_open


def _work(rank: int, folder: str) -> None:
    file = Path(folder)
    with process_group():
        distributed.init_process_group(
            'gloo', init_method=f'file://{file}/group', rank=rank, world_size=2
        )
        if rank == 0:
            time.sleep(1)  # draws the pictures
            (file / 'drawn').write_text('')
    assert (file / 'drawn').is_file()
    assert not is_open()


@pytest.mark.slow
def test_processes_wait_for_the_first_and_close_the_group(tmp_path):
    mp.spawn(_work, (str(tmp_path),), nprocs=2)


def _fail(rank: int, folder: str) -> None:
    try:
        with process_group():
            distributed.init_process_group(
                'gloo', init_method=f'file://{folder}/group', rank=rank, world_size=1
            )
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert not is_open()
        Path(folder, 'closed').write_text('')


def test_an_interruption_closes_the_group(tmp_path):
    mp.spawn(_fail, (str(tmp_path),), nprocs=1)
    assert (tmp_path / 'closed').is_file()


def test_one_process_has_no_group():
    with process_group():
        assert not is_open()
