"""A config names the toolbox that it needs and that is missing."""

from __future__ import annotations

import pytest

from hrnet_mm.cli.absent import extra_of, remedies, scope_of
from hrnet_mm.config.finding import find_config


def test_the_toolbox_that_a_text_names(tmp_path):
    assert scope_of(find_config('faster_rcnn_hrnetv2p_w32_1x')) == 'mmdet'
    assert scope_of(find_config('fcn_hrnetv2_w48_cityscapes')) == 'mmseg'
    assert extra_of(find_config('hrnet_w18_small_v1_c_imagenet')) == 'cls'
    (tmp_path / 'base.json').write_text('{"default_scope": "mmpose"}')
    (tmp_path / 'own.py').write_text("_base_ = './base.json'\n")
    assert extra_of(tmp_path / 'own.py') == 'pose'
    (tmp_path / 'round.py').write_text("_base_ = ['round.py', 'none.py']\n")
    assert scope_of(tmp_path / 'round.py') is None
    (tmp_path / 'foreign.py').write_text("default_scope = 'mmdet3d'\n")
    assert extra_of(tmp_path / 'foreign.py') is None


def test_another_module_that_is_missing_is_an_error_of_the_program():
    with pytest.raises(ModuleNotFoundError, match='else'), remedies(None):
        raise ModuleNotFoundError("No module named 'else'", name='else')
    with pytest.raises(ModuleNotFoundError, match='_ext'), remedies(None):
        raise ModuleNotFoundError("No module named 'mmcv._ext'", name='mmcv._ext')
