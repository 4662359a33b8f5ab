"""Problems of made environments are seen without importing anything."""

import doctor_case
import pytest

from hrnet_mm.environment.problems import missing_toolbox, visible
from hrnet_mm.toolboxes import TOOLBOXES

made = doctor_case.made  # a fixture

ALL = list(TOOLBOXES)


def found(survey, names=ALL):
    return [(problem.what, problem.commands) for problem in visible(survey, names)]


def test_nothing_is_wrong_with_nothing(made):
    assert found(made()) == []


def test_several_opencvs(made):
    survey = made('opencv-python==4.12.0.88', 'opencv-python-headless==4.11.0.86')
    [(what, commands)] = found(survey)
    assert 'opencv-python and opencv-python-headless lie over each other' in what
    assert commands == (
        ('uninstall', '-y', 'opencv-python', 'opencv-python-headless'),
        ('install', 'opencv-python-headless==4.11.0.86'),
    )


@pytest.mark.parametrize(
    ('there', 'kept'),
    [
        (['mmcv==2.2.0', 'mmcv-lite==2.1.0'], 'mmcv-lite==2.1.0'),
        (['mmcv-lite==2.1.0', 'onedl-mmcv==2.3.6'], 'onedl-mmcv>=2.3'),
    ],
)
def test_several_mmcvs(made, there, kept):
    [(what, (removed, installed))] = found(made(*there))
    assert 'both are mmcv' in what
    assert {*removed[2:]} == {each.partition('==')[0] for each in there}
    assert installed == ('install', kept)


def test_undeclared_needs(made):
    survey = made('mmengine==0.10.7', modules=['mmseg', 'regex'])
    assert found(survey) == [
        ('mmseg needs ftfy', (('install', 'ftfy'),)),
        ('mmengine needs setuptools<81', (('install', 'setuptools<81'),)),
    ]
    assert [what for what, _ in found(survey, ['mmdet'])] == [
        'mmengine needs setuptools<81'
    ]


@pytest.mark.parametrize(
    ('torch', 'commands'),
    [
        ('2.15.0', (('install', 'torch==2.15.0', 'torchvision'),)),
        ('2.15.0+cpu', ()),
    ],
)
def test_a_need_of_torchvision(made, torch, commands):
    needs = [name for name in TOOLBOXES['mmpose'].needs if name != 'torchvision']
    survey = made(f'torch=={torch}', modules=['mmpose', *needs])
    [problem] = visible(survey, ALL)
    assert problem.what == 'mmpose needs torchvision'
    assert problem.commands == commands
    assert ('from the same place' in problem.advice) == (not commands)


def test_the_fork_needs_no_pkg_resources(made):
    assert found(made('onedl-mmengine==0.10.12')) == []


def test_installing_into_nothing(made):
    [command] = missing_toolbox(TOOLBOXES['mmdet'], made()).commands
    assert command == (
        *('install', 'mmengine==0.10.7', 'mmcv-lite==2.1.0', 'setuptools<81'),
        *('torch', 'torchvision', 'mmdet==3.3.0'),
    )


def test_installing_beside_a_torch_leaves_it_as_it_is(made):
    [command] = missing_toolbox(TOOLBOXES['mmdet'], made('torch==2.15.0')).commands
    assert command[-3:] == ('torch==2.15.0', 'torchvision', 'mmdet==3.3.0')


def test_installing_beside_a_torch_of_another_place(made):
    problem = missing_toolbox(TOOLBOXES['mmdet'], made('torch==2.15.0+cpu'))
    assert not any('torch' in word for word in problem.commands[0])
    assert problem.commands[0][-1] == 'mmdet==3.3.0'
    assert 'must come from the same place' in problem.advice


def test_installing_beside_the_forks(made):
    survey = made(
        'onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6', modules=['torch', 'torchvision']
    )
    [command] = missing_toolbox(TOOLBOXES['mmpretrain'], survey).commands
    assert command == ('install', 'onedl-mmpretrain>=1.3')


def test_mmpose_comes_without_its_own_requirements(made):
    modules = ['torch', 'torchvision', 'pycocotools', 'scipy', 'matplotlib', 'PIL']
    forks = ('onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6')
    survey = made(*forks, modules=[*modules, 'six', 'mmdet'])
    assert missing_toolbox(TOOLBOXES['mmpose'], survey).commands == (
        ('install', 'json_tricks', 'munkres', 'opencv-python-headless'),
        ('install', '--no-deps', 'mmpose==1.3.2'),
    )


def test_what_mmengine_brings_is_not_installed_beside_it(made):
    commands = missing_toolbox(TOOLBOXES['mmpose'], made()).commands
    assert not any('opencv' in word for command in commands for word in command)
