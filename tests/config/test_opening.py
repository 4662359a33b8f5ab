"""A config is read from its file, and changed as the command line says."""

import sys

import pytest
import runner_case
from conftest import ROOT
from runner_case import arguments

from hrnet_mm.config import opening
from hrnet_mm.errors import UserError

demo = runner_case.demo  # a fixture


def test_unknown_config():
    with pytest.raises(UserError, match='did you mean .*hrnetv2p_w32_1x.py'):
        opening.load_config(arguments(ROOT / 'configs/faster_rcnn_hrnetv2p_w32.py'))


def test_data_root_moves_every_path(demo, tmp_path):
    text = demo.pretty_text
    assert 'data/demo' not in text
    root = str(tmp_path / 'data')
    assert demo.val_evaluator.ann_file == f'{root}/annotations/instances_val2017.json'
    assert demo.train_dataloader.dataset.data_root.rstrip('/') == root


def test_custom_imports_of_the_command_line(tmp_path, monkeypatch):
    (tmp_path / 'imported_by_an_option.py').write_text('')
    (tmp_path / 'plain.py').write_text("default_scope = 'mmengine'\nmodel = {}\n")
    monkeypatch.syspath_prepend(tmp_path)
    opening.read_config(
        tmp_path / 'plain.py', {'custom_imports.imports': 'imported_by_an_option'}
    )
    assert 'imported_by_an_option' in sys.modules
