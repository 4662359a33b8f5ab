"""Processes leave a step together, with one message."""

from __future__ import annotations

import os
import signal
import time

import pytest
import torch
from processes_case import in_processes
from torch import distributed

from hrnet_mm.errors import UserError
from hrnet_mm.training import lockstep
from hrnet_mm.training.lockstep import (
    beating,
    is_first,
    is_first_of_machine,
    together,
    wait_for_first,
    who_is_gone,
)


def test_one_process_is_the_first_and_keeps_its_errors():
    assert is_first()
    assert is_first_of_machine()
    wait_for_first()
    for context in (together, who_is_gone):
        with pytest.raises(UserError, match='^mine$'), context():
            raise UserError('mine')
    with pytest.raises(RuntimeError, match='Connection closed'), who_is_gone():
        raise RuntimeError('Connection closed by peer')


def fail_in(numbers: list[int], texts: list[str], blocked: bool) -> str:
    """Pass one step, and fail in the next one in some processes."""
    rank = distributed.get_rank()
    with together():
        pass
    with together():
        if rank in numbers:
            raise UserError(texts[rank])
        if blocked:
            distributed.all_reduce(torch.ones(1))
    return 'passed'


@pytest.mark.slow
@pytest.mark.parametrize(
    ('numbers', 'texts', 'message'),
    [
        ([], [], ''),
        ([0, 1, 2], ['a'] * 3, 'a'),
        ([1, 2], ['', 'b', 'c'], '(process 1 of 3): b'),
        ([0, 1, 2], ['a', 'b', 'c'], '(process 0 of 3): a'),
    ],
)
def test_the_first_that_failed_speaks(tmp_path, numbers, texts, message):
    ends = in_processes(fail_in, tmp_path, 3, numbers, texts, False)
    if not numbers:
        assert ends == ['passed'] * 3
        return
    speaker = numbers[0]
    assert isinstance(ends[speaker], UserError)
    assert str(ends[speaker]).endswith(message)
    assert str(ends[speaker]).startswith('on ') == (message != 'a')
    others = [each for number, each in enumerate(ends) if number != speaker]
    assert [each.code for each in others] == [2, 2]


def blocked_beside_a_failure() -> None:
    """Fail while the other process waits in a collective operation."""
    with who_is_gone():
        fail_in([1], ['', 'damaged'], True)


@pytest.mark.slow
def test_a_process_that_waits_elsewhere_is_silent(tmp_path, monkeypatch):
    first, second = in_processes(blocked_beside_a_failure, tmp_path, timeout=20)
    assert str(second).endswith('(process 1 of 2): damaged')
    # Its connection is closed when the other one ends; then that one is gone.
    assert isinstance(first, SystemExit | UserError)


def die(number: int, way: int) -> None:
    """Let one process end, or stop, while the others train."""
    lockstep.GRACE = 2.0
    with who_is_gone():
        for step in range(20):
            if step == 5 and distributed.get_rank() == number:
                os.kill(os.getpid(), way)
            distributed.all_reduce(torch.ones(1))


def find_something_wrong(numbers: list[int]) -> None:
    """Find a fault in some processes, while the others train."""
    with who_is_gone():
        if distributed.get_rank() in numbers:
            raise UserError('a picture is damaged')
        for _ in range(20):
            distributed.all_reduce(torch.ones(1))


@pytest.mark.slow
@pytest.mark.parametrize('numbers', [[1], [1, 2]])
def test_the_others_say_nothing_where_one_has_spoken(tmp_path, numbers):
    ends = in_processes(find_something_wrong, tmp_path, 3, numbers, timeout=30)
    errors = [end for end in ends if isinstance(end, UserError)]
    (said,) = map(str, errors)
    assert said.startswith('on ')
    assert said.endswith(' of 3): a picture is damaged')
    assert [end.code for end in ends if end not in errors] == [2, 2]


@pytest.mark.slow
def test_who_was_killed_is_named(tmp_path):
    first, gone, third = in_processes(die, tmp_path, 3, 1, signal.SIGKILL, timeout=30)
    assert gone is None
    assert isinstance(first, UserError)
    assert str(first).startswith('process 1 (on ')
    assert ' of 3 has ended, or answers no more.' in str(first)
    assert '--resume' in str(first)
    assert third.code == 2


def wait_long(stops: bool) -> float:
    """Wait for a first process that works longer than the group's timeout."""
    lockstep.BEAT = 0.5
    start = time.monotonic()
    with who_is_gone(), beating():
        if distributed.get_rank() == 0:
            time.sleep(2)
            if stops:
                os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(4)
        wait_for_first()
    return time.monotonic() - start


@pytest.mark.slow
def test_the_first_process_may_work_longer_than_the_timeout(tmp_path):
    assert min(in_processes(wait_long, tmp_path, 2, False, timeout=3)) >= 5


@pytest.mark.slow
def test_a_first_process_that_is_stopped_is_named(tmp_path):
    arguments = (wait_long, tmp_path, 2, True)
    first, second = in_processes(*arguments, timeout=3, patience=20)
    assert first is None
    assert isinstance(second, UserError)
    assert str(second).startswith('process 0 (on ')
