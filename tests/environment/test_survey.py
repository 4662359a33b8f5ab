"""Installed packages are read from files, and nothing is imported for it."""

import sys
from importlib.machinery import PathFinder

import doctor_case
from doctor_case import make

from hrnet_mm.environment.survey import Survey
from hrnet_mm.ops import AnsweringFinder

made = doctor_case.made  # a fixture


def test_what_is_imported_is_not_asked(made):
    survey = made('My_Package==1.0', modules=['mmcv', 'mmcv.ops'])
    assert survey.versions == {'my-package': '1.0'}
    assert survey.importable('mmcv.ops')
    assert not survey.importable('mmcv._ext')
    assert not survey.importable('torch')  # it is imported in this process
    assert survey.missing(['cv2', 'ftfy']) == ['opencv-python-headless', 'ftfy']


def test_an_editable_package_is_there(tmp_path, monkeypatch):
    make(tmp_path, modules=['a_toolbox', 'a_toolbox.models'])

    class Editable:  # as setuptools writes it beside the packages
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == 'a_toolbox':
                return PathFinder.find_spec(name, [str(tmp_path)])
            return None

    assert not Survey().importable('a_toolbox')
    monkeypatch.setattr(sys, 'meta_path', [*sys.meta_path, Editable])
    assert Survey().importable('a_toolbox.models')
    assert not Survey().importable('a_toolbox.heads')
    assert not Survey([tmp_path / 'nowhere']).importable('a_toolbox')


def test_what_we_answer_for_is_not_there(monkeypatch):
    monkeypatch.setattr(sys, 'meta_path', [AnsweringFinder()])
    assert not Survey().importable('xtcocotools')


def test_what_a_finder_forbids_is_not_there(monkeypatch):
    class Forbidding:
        @staticmethod
        def find_spec(name, path=None, target=None):
            raise ModuleNotFoundError(name)

    monkeypatch.setattr(sys, 'meta_path', [Forbidding, *sys.meta_path])
    assert not Survey().importable('torch')
