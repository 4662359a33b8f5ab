"""A config of this project, read, and read with its toolbox in use."""

import pytest
from conftest import ROOT
from mmengine.config import Config
from mmengine.registry import init_default_scope


def read(name: str) -> Config:
    return Config.fromfile(ROOT / 'configs' / f'{name}.py')


def parsed(name: str) -> Config:
    cfg = read(name)
    pytest.importorskip(cfg.default_scope)
    init_default_scope(cfg.default_scope)
    return cfg
