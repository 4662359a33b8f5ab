"""Several processes end together, and without their group."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as mp
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from hrnet_mm.training import process_group
from hrnet_mm.training.processes import (
    close_group,
    is_open,
    threads_can_be_joined,
)


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


class _SlowlyFreed(torch.Tensor):
    """A tensor that takes its time to go, and says so."""

    folder: Path

    def __del__(self):
        time.sleep(2)
        (self.folder / 'freed').write_text('')


def _leave_a_tensor(rank: int, folder: str) -> None:
    _SlowlyFreed.folder = Path(folder)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/group', rank=rank, world_size=2
    )
    _owner = DistributedDataParallel(torch.nn.Linear(2, 2))  # of the group, too
    if rank == 0:
        distributed.all_reduce(_SlowlyFreed(3), async_op=True)
        time.sleep(2)  # the other process answers: gloo's thread frees the tensor
    else:
        time.sleep(1)  # the first process has let go of its tensor
        distributed.all_reduce(torch.ones(3))
    close_group()
    assert rank == 1 or (_SlowlyFreed.folder / 'freed').is_file()


@pytest.mark.slow
@pytest.mark.skipif(not threads_can_be_joined(), reason='torch would wait for ever')
def test_no_tensor_is_freed_after_the_group_is_closed(tmp_path):
    mp.spawn(_leave_a_tensor, (str(tmp_path),), nprocs=2)


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
