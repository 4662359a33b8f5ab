"""Trials in processes of their own, and how what they print is read."""

import signal
import subprocess
import sys

import pytest

from hrnet_mm.environment import examination, probes, trial
from hrnet_mm.environment.probes import Outcome, attempt, base_of, reason
from hrnet_mm.toolboxes import TOOLBOXES


def test_the_line_that_says_why():
    assert reason(1, 'Traceback\n  File\nValueError: this\n\n') == 'ValueError: this'
    assert reason(-signal.SIGSEGV, 'whatever') == 'ended by SIGSEGV'
    assert reason(3, '') == 'exit status 3'
    assert probes.short('this\nand more') == 'this'
    assert probes.short('x' * 999) == 'x' * 200 + ' ...'


def test_what_can_be_done_without_is_missing_and_not_broken():
    def absent(name):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name)

    assert trial.looked(lambda: absent('cv2')) == dict(version='')
    assert 'torch' in trial.looked(lambda: absent('torch'))['error']
    assert trial.looked(lambda: {}['a']) == dict(error="KeyError: 'a'")
    line = '{"name": "OpenCV", "version": ""}'
    [row] = examination.base_rows(base_of(Outcome('', line)))
    assert row == ('OpenCV', '', 'missing')


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


@pytest.mark.slow
@pytest.mark.parametrize('name', TOOLBOXES)
def test_each_installed_toolbox_predicts(name):
    pytest.importorskip(name)
    outcome = attempt(name)
    assert outcome.error == '', outcome.text


@pytest.mark.slow
def test_a_toolbox_that_cannot_be_imported(tmp_path, monkeypatch):
    (tmp_path / 'mmdet').mkdir()
    (tmp_path / 'mmdet/__init__.py').write_text('import nothing_of_this_name')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=':')
    error = "ModuleNotFoundError: No module named 'nothing_of_this_name'"
    assert attempt('mmdet').error == error


@pytest.mark.slow
def test_the_base_of_this_environment():
    base = base_of(attempt('base'))
    assert [each.error for each in base.values()] == [''] * len(base)
    assert base['Python'].text == sys.version.split()[0]
