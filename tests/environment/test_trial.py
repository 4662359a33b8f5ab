"""Trials in processes of their own."""

import sys

import pytest

from hrnet_mm.environment import examination, trial
from hrnet_mm.environment.probes import Outcome, attempt, base_of
from hrnet_mm.toolboxes import TOOLBOXES


def test_what_can_be_done_without_is_missing_and_not_broken():
    def absent(name):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name)

    assert trial.looked(lambda: absent('cv2')) == dict(version='')
    assert 'torch' in trial.looked(lambda: absent('torch'))['error']
    assert trial.looked(lambda: {}['a']) == dict(error="KeyError: 'a'")
    line = '{"name": "OpenCV", "version": ""}'
    [row] = examination.base_rows(base_of(Outcome('', line)))
    assert row == ('OpenCV', '', 'missing')


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
