"""A signal is noted, and the command to go on is the one that was given."""

from __future__ import annotations

import signal
import sys

import pytest

from hrnet_mm.errors import Terminated
from hrnet_mm.training.interruption import Interruption, command_to_go_on


@pytest.mark.parametrize(
    ('given', 'expected'),
    [
        ('hrnet train demo', 'hrnet train demo --work-dir w --resume'),
        (
            '/usr/bin/hrnet train demo --work-dir w --resume',
            'hrnet train demo --work-dir w --resume',
        ),
        (
            'tools/train.py a.py --overwrite --work-dir=w',
            'python tools/train.py a.py --work-dir=w --resume',
        ),
        (
            'hrnet train demo --resume w/epoch_1.pth --amp',
            'hrnet train demo --amp --work-dir w --resume',
        ),
        (
            'hrnet train demo --resume=x.pth --cfg-options a=[1,2]',
            "hrnet train demo --cfg-options 'a=[1,2]' --work-dir w --resume",
        ),
    ],
)
def test_the_command_to_go_on(monkeypatch, given, expected):
    monkeypatch.setattr(sys, 'argv', given.split())
    assert command_to_go_on('w') == expected


def test_the_first_signal_is_noted_and_the_second_ends(capsys):
    before = {number: signal.getsignal(number) for number in (2, 15)}
    interruption = Interruption()
    interruption.listen()
    try:
        signal.raise_signal(signal.SIGINT)
        assert interruption.received == signal.SIGINT
        assert (
            'stopping after this step, to save a checkpoint' in capsys.readouterr().err
        )
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)
    finally:
        interruption.leave()
    assert {number: signal.getsignal(number) for number in (2, 15)} == before
