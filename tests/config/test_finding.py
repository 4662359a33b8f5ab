"""The name of a config leads to its file."""

import pytest
from conftest import ROOT

from hrnet_mm.config import finding
from hrnet_mm.config.finding import find_config
from hrnet_mm.errors import UserError


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """An empty folder to stand in, and installed configs in another."""
    installed = tmp_path / 'installed'
    installed.mkdir()
    (installed / 'fcn_hrnetv2.py').touch()
    here = tmp_path / 'here'
    (here / 'configs').mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setattr(finding, 'INSTALLED', installed)
    monkeypatch.setattr(finding, 'PACKAGE', tmp_path / 'site-packages/hrnet_mm')
    return here, installed


@pytest.mark.parametrize('name', ['fcn_hrnetv2', 'fcn_hrnetv2.py'])
def test_bare_names(folders, name):
    here, installed = folders
    assert find_config(name) == installed / 'fcn_hrnetv2.py'
    (here / 'configs/fcn_hrnetv2.py').touch()
    assert find_config(name).absolute() == here / 'configs/fcn_hrnetv2.py'
    (here / name).touch()
    assert find_config(name).absolute() == here / name


def test_names_of_configs_that_are_not_there(folders):
    here, _ = folders
    (here / 'own_hrnet.py').touch()
    with pytest.raises(UserError, match=r'fcn_hrnet; did you mean fcn_hrnetv2.py'):
        find_config('fcn_hrnet')
    with pytest.raises(UserError, match=r'nowhere/fcn_hrnetv3.py; .*fcn_hrnetv2.py'):
        find_config('nowhere/fcn_hrnetv3.py')
    with pytest.raises(UserError, match=r'own_hrnets.py; did you mean own_hrnet.py'):
        find_config('own_hrnets.py')
    with pytest.raises(UserError, match='no config file nothing_like_it$'):
        find_config('nothing_like_it')


def test_configs_of_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = find_config('faster_rcnn_hrnetv2p_w32_1x')
    assert found == ROOT / 'configs/faster_rcnn_hrnetv2p_w32_1x.py'
