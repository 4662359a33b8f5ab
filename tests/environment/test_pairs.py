"""The doctor tells whether torchvision and NumPy fit torch."""

import re

import doctor_case
import pytest
from conftest import ROOT

from hrnet_mm.environment import pairs
from hrnet_mm.environment.pairs import fitting_torchvision
from hrnet_mm.environment.problems import visible

made = doctor_case.made  # a fixture

FROM_ONE_ON = dict(torchvision=['torch (>=2.14.0)', 'numpy'])


def locked() -> list[tuple[str, str]]:
    """The torch and the torchvision that the locks install together."""
    found = []
    for lock in sorted((ROOT / 'requirements').glob('*.txt')):
        text = lock.read_text()
        both = [
            re.findall(rf'^{name}===(\S+)', text, re.MULTILINE)
            for name in ('torch', 'torchvision')
        ]
        found += zip(*both, strict=True)
    return sorted({*found})


@pytest.mark.parametrize(('torch', 'torchvision'), locked())
def test_the_pairs_of_the_locks(made, torch, torchvision):
    assert fitting_torchvision(torch) in ('torchvision', f'torchvision=={torchvision}')
    declared = f'torch=={torch}' if torch < '2.14' else 'torch (>=2.14.0)'
    requires = dict(torchvision=[declared])
    survey = made(f'torch=={torch}', f'torchvision=={torchvision}', requires=requires)
    assert not [*visible(survey, [])]


def test_which_torchvision_is_left_to_pip():
    assert fitting_torchvision('2.1.2') == 'torchvision==0.16.2'
    assert fitting_torchvision('2.13.0') == 'torchvision==0.28.0'
    assert fitting_torchvision('2.14.0') == fitting_torchvision('3.0') == 'torchvision'


@pytest.mark.parametrize(
    ('torch', 'wanted'),
    [
        ('2.15.0', 'torchvision'),
        ('2.12.1', 'torchvision==0.27.1'),
        ('2.1.2', 'torchvision==0.16.2'),
    ],
)
def test_torchvision_of_another_torch(made, torch, wanted):
    requires = dict(torchvision=['numpy', 'torch (==2.13.0)'])
    survey = made(f'torch=={torch}', 'torchvision==0.28.0', requires=requires)
    [(what, commands, advice)] = visible(survey, [])
    assert what == f'torchvision 0.28.0 is for torch 2.13.0, and here is {torch}'
    assert commands == (('install', f'torch=={torch}', wanted),)
    assert advice == ''


def test_torchvision_of_a_later_torch(made):
    survey = made('torch==2.13.0', 'torchvision==0.29.1', requires=FROM_ONE_ON)
    [(what, commands, _)] = visible(survey, [])
    assert what == 'torchvision 0.29.1 is for torch >=2.14.0, and here is 2.13.0'
    assert commands == (('install', 'torch==2.13.0', 'torchvision==0.28.0'),)


@pytest.mark.parametrize(
    'torch', ['2.14.1+cpu', '2.14.0+cu130', '2.15.0.dev20261001+cu130', '2.13.1.post1']
)
def test_a_torch_that_pip_would_replace_is_left_alone(made, torch):
    requires = dict(torchvision=['torch (==2.13.0)'])
    survey = made(f'torch=={torch}', 'torchvision==0.28.0', requires=requires)
    [(_, commands, advice)] = visible(survey, [])
    assert commands == ()
    assert advice == (
        f'torch {torch} is a build of its own: torch and torchvision must come from '
        'the same place, so install torchvision from where torch came'
    )


@pytest.mark.parametrize(
    ('torch', 'declared'),
    [
        ('2.13.0', 'torch==2.13.0'),
        ('2.13.0+cpu', 'torch (==2.13.0)'),
        ('2.13.0.post1', 'torch==2.13.0'),
        ('2.15.0.dev20261001+cu130', 'torch==2.15.0.dev20261001'),
        ('2.15.0.dev20261002+cu130', 'torch (==2.15.0.dev20261001)'),
        ('2.6.0a0+ecf3bae40a.nv25.01', 'torch'),
        ('2.14.0a0+ecf3bae40a.nv25.01', 'torch (>=2.14.0)'),
        ('2.13.5', 'torch==2.13.*'),
        ('2.13.0', 'torch==2.12.0; extra == "old"'),
        ('2.13.0', 'torch is no requirement'),
        ('2.13.0', 'torchmetrics==1.0'),
    ],
)
def test_no_false_alarm(made, torch, declared):
    requires = dict(torchvision=[declared])
    survey = made(f'torch=={torch}', 'torchvision==0.28.0', requires=requires)
    assert not [*visible(survey, [])]


def test_a_torch_without_a_distribution_is_left_alone(made):
    remedy = pairs.torchvision_for_torch(made(modules=['torch']))
    assert remedy.commands == ()
    assert remedy.advice.startswith('torch without a version is a build of its own')


@pytest.mark.parametrize(
    ('torch', 'numpy', 'wrong'),
    [
        ('2.1.2', '2.2.6', True),
        ('2.1.2+cpu', '2.2.6', True),
        ('2.1.2', '1.26.4', False),
        ('2.3.0', '2.0', False),
        ('2.3.0a0+40ec155e58.nv24.03', '2.0', False),
    ],
)
def test_numpy_of_another_torch(made, torch, numpy, wrong):
    what = f'torch {torch} is built for NumPy 1, and here is {numpy}'
    expected = [(what, (('install', 'numpy<2'),), '')]
    survey = made(f'torch=={torch}', f'numpy=={numpy}')
    assert [*visible(survey, [])] == expected * wrong
