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


def plain(folder, text='', **options):
    """Read a config with little in it, as training does."""
    path = folder / 'plain.py'
    path.write_text(f"default_scope = 'mmengine'\nmodel = {{}}\n{text}\n")
    return opening.load_config(
        arguments(path, work_dir=str(folder / 'work'), **options)
    )


@pytest.mark.parametrize('option', ['load_from.x=1', 'names.5=a'])
def test_options_that_do_not_fit_the_config(tmp_path, option):
    text = "load_from = 'a'\nnames = ['b']"
    with pytest.raises(UserError, match=f'--cfg-options {option}: '):
        plain(tmp_path, text, cfg_options=[option])


def test_a_seed_keeps_the_rest_of_the_randomness(tmp_path):
    text = 'randomness = dict(seed=1, diff_rank_seed=True)'
    assert plain(tmp_path, text).randomness == dict(seed=1, diff_rank_seed=True)
    cfg = plain(tmp_path, text, seed=5)
    assert cfg.randomness == dict(seed=5, diff_rank_seed=True)
    cfg = plain(tmp_path, text, deterministic=True)
    assert cfg.randomness == dict(seed=1, diff_rank_seed=True, deterministic=True)
    assert plain(tmp_path, seed=5).randomness == dict(seed=5)


def test_a_data_root_moves_nothing_beside_it(tmp_path):
    text = "data_root = 'data/coco'\nown = ['data/coco_stuff', 'data/coco/a']"
    text += "\nparts = dict(a='data/coco_stuff', b='data/coco/a', c='data/coco')"
    cfg = plain(tmp_path, text, cfg_options=['data_root=/new/'])
    assert cfg.parts == dict(a='data/coco_stuff', b='/new/a', c='/new/')
