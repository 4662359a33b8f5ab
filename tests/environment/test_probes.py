"""The output of trials is read up to where they crashed."""

import signal
import subprocess

import pytest

from hrnet_mm.environment import probes, trial
from hrnet_mm.environment.probes import Outcome, attempt, base_of, reason


def test_the_line_that_says_why():
    assert reason(1, 'Traceback\n  File\nValueError: this\n\n') == 'ValueError: this'
    assert reason(-signal.SIGSEGV, 'whatever') == 'ended by SIGSEGV'
    assert reason(3, '') == 'exit status 3'
    assert probes.short('this\nand more') == 'this'
    assert probes.short('x' * 999) == 'x' * 200 + ' ...'


def test_what_crashes_is_named():
    lines = '{"name": "Python", "version": "3.11"}\n{"name": "numpy", "error": "no"}\n'
    base = base_of(Outcome('ended by SIGSEGV', lines))
    assert base['Python'] == Outcome('', '3.11')
    assert base['numpy'].error == 'no'
    assert base['torch'].error == 'ended by SIGSEGV'


def test_what_crashes_after_everything_was_seen_is_the_exit():
    lines = '\n'.join(f'{{"name": "{name}", "version": "1"}}' for name in trial.BASE)
    base = base_of(Outcome('ended by SIGSEGV', lines))
    assert base.pop('exit') == Outcome('ended by SIGSEGV')
    assert set(base.values()) == {Outcome('', '1')}


@pytest.mark.parametrize(
    'said', [(b'{"name": "Python"}\n\xff', b'slow\n'), (None, None)]
)
def test_what_was_printed_before_a_trial_took_too_long(monkeypatch, said):
    def run(command, **_):
        raise subprocess.TimeoutExpired(command, 600, *said)

    monkeypatch.setattr(probes.subprocess, 'run', run)
    outcome = attempt('base')
    assert outcome.error == 'no end after 600 s'
    assert outcome.text == ('{"name": "Python"}\n\ufffdslow\n' if said[0] else '')
    assert base_of(outcome)['numpy' if said[0] else 'Python'].error == outcome.error
