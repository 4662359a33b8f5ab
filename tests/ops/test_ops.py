"""Modules that are missing are answered, and those that are there are left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from hrnet_mm import ops
from hrnet_mm.environment.survey import Survey

pytest.importorskip('mmcv')

ANSWERED = """
import importlib.machinery, sys

real = importlib.machinery.PathFinder.find_spec

def find_spec(name, path=None, target=None):
    missing = name in ('mmcv._ext', 'xtcocotools')
    return None if missing else real(name, path, target)

importlib.machinery.PathFinder.find_spec = find_spec
import hrnet_mm
assert not any(name.partition('.')[0] in ('torch', 'mmcv') for name in sys.modules)
import mmcv.ops
import mmcv._ext
assert mmcv._ext.__spec__.origin == 'hrnet_mm.ops.extension', mmcv._ext
from xtcocotools import mask
from xtcocotools.coco import COCO
from xtcocotools.cocoeval import COCOeval
print(COCO.__module__, COCOeval.__module__, mask.__name__)
print(mmcv.ops.get_compiler_version())
"""


def test_missing_modules_are_answered_and_nothing_is_imported_before():
    run = subprocess.run(
        [sys.executable, '-c', ANSWERED], capture_output=True, text=True, check=True
    )
    ours = 'hrnet_mm.ops.keypoint_coco'
    lines = run.stdout.splitlines()
    assert lines[0] == f'{ours} {ours} pycocotools.mask'
    assert lines[1].startswith('none; operators by torchvision ')


WITHOUT_TORCHVISION = """
import sys
sys.modules['torchvision'] = None
import importlib
import hrnet_mm
from hrnet_mm.errors import UserError
try:
    importlib.import_module('hrnet_mm.ops.extension')
except UserError as error:
    assert isinstance(error, ModuleNotFoundError)
    print(error)
"""


def test_without_torchvision_the_remedy_is_said():
    run = subprocess.run(
        [sys.executable, '-c', WITHOUT_TORCHVISION],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith('mmcv has no compiled operators here, and torchvision')
    assert f'belongs to torch {torch.__version__}: pip install' in run.stdout


def test_what_is_installed_is_used_untouched(tmp_path, monkeypatch):
    (tmp_path / 'xtcocotools').mkdir()
    (tmp_path / 'xtcocotools/__init__.py').write_text('')
    (tmp_path / 'xtcocotools/coco.py').write_text('COCO = "theirs"')
    kept = {n: m for n, m in sys.modules.items() if n.startswith('xtcocotools')}
    for name in kept:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    assert Survey().importable('xtcocotools')
    from xtcocotools.coco import COCO

    assert COCO == 'theirs'
    for name in [n for n in sys.modules if n.startswith('xtcocotools')]:
        sys.modules.pop(name)  # not by monkeypatch, which would bring them back


def test_the_finder_is_there_once():
    ops.answer_imports()
    finders = [f for f in sys.meta_path if isinstance(f, ops.AnsweringFinder)]
    assert len(finders) == 1
    assert finders[0].find_spec('mmcv.cnn', None) is None
