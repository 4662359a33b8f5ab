"""Several processes end together, and without their group."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as mp
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from hrnet_mm.errors import UserError
from hrnet_mm.training import process_group
from hrnet_mm.training.lockstep import is_open
from hrnet_mm.training.processes import (
    close_group,
    meet,
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


@pytest.fixture
def place(monkeypatch):
    """Set an address at which nobody listens, and return the port."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        port = one.getsockname()[1]
    monkeypatch.setenv('MASTER_ADDR', '127.0.0.1')
    monkeypatch.setenv('MASTER_PORT', str(port))
    monkeypatch.delenv('TORCHELASTIC_USE_AGENT_STORE', raising=False)
    return port


@pytest.mark.usefixtures('place')
def test_who_does_not_come_is_named():
    with ThreadPoolExecutor() as both:
        others = both.submit(meet, 2, 4, 2)
        with pytest.raises(UserError) as caught:
            meet(0, 4, 2)
        with pytest.raises(SystemExit, match='2'):
            others.result()
    assert str(caught.value).startswith(
        'of 4 processes 2 did not come within 2 s: number 1, 3 (there are 0, 2, on '
    )
    assert '--dist-timeout SECONDS waits longer' in str(caught.value)


@pytest.mark.usefixtures('place')
def test_two_processes_of_one_number():
    with ThreadPoolExecutor() as both:
        first = both.submit(meet, 0, 2, 5)
        second = both.submit(meet, 1, 2, 5)
        first.result()
        second.result()
        with pytest.raises(
            UserError, match=r'two processes are number 1 of 2 \(RANK=1'
        ):
            meet(1, 2, 2)


def test_a_port_that_is_taken_and_one_that_does_not_answer(place):
    with pytest.raises(
        UserError, match=rf'process 0 of 2 does not answer at .*{place}'
    ):
        meet(1, 2, 1)
    with socket.socket() as one:
        one.bind(('0.0.0.0', place))
        one.listen()
        with pytest.raises(UserError, match=f'port {place} of 127.0.0.1 is taken, by'):
            meet(0, 1, 2)
