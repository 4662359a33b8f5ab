"""Environments that are made of empty packages: for what the doctor finds in them."""

from __future__ import annotations

from functools import partial

import pytest

from hrnet_mm.environment import examination, probes
from hrnet_mm.environment.probes import Outcome
from hrnet_mm.environment.survey import Survey


def make(folder, *distributions, modules=(), requires=None):
    """Put distributions, modules and requirements into a folder.

    Args:
        folder: For all of them.
        *distributions: As NAME==VERSION.
        modules: Import names.
        requires: What each distribution says that it requires.

    Returns:
        What the doctor sees there.
    """
    for each in distributions:
        name, _, version = each.partition('==')
        info = folder / f'{name.replace("-", "_")}-{version}.dist-info'
        info.mkdir()
        lines = ['Metadata-Version: 2.1', f'Name: {name}', f'Version: {version}']
        lines += [f'Requires-Dist: {r}' for r in (requires or {}).get(name, ())]
        (info / 'METADATA').write_text('\n'.join(lines))
    for module in modules:
        package = folder.joinpath(*module.split('.'))
        package.mkdir(parents=True)
        (package / '__init__.py').touch()
    return Survey([folder])


@pytest.fixture
def made(tmp_path):
    """A made environment of distributions, modules and requirements."""
    return partial(make, tmp_path)


@pytest.fixture
def environment(made, monkeypatch):
    """An environment of mmdet and mmseg, and what their trials say."""
    made(
        *('onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6', 'onedl-mmdetection==3.5.1'),
        modules=['mmcv', 'mmdet', 'mmseg', 'ftfy', 'regex', 'torch', 'torchvision'],
    )
    said = dict(mmdet=Outcome(), mmseg=Outcome())
    said['base'] = Outcome('', '{"name": "torch", "version": "2.13.0"}')
    monkeypatch.setattr(examination, 'Survey', made)
    monkeypatch.setattr(examination, 'attempt', said.__getitem__)
    monkeypatch.setattr(probes, 'attempt', said.__getitem__)
    return said
